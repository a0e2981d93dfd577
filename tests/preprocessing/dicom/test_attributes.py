import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from scanserve.preprocessing.dicom import (
    FileRejectedError,
    Header,
    length_mm,
    matrix,
    orientation,
    pixel_spacing,
    position,
    sop_uid,
)


def test_the_instance_uid_of_the_dataset_comes_before_that_of_the_meta_header():
    meta, dataset = FileMetaDataset(), Dataset()
    assert sop_uid(Header(meta, dataset)) == ""
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    assert sop_uid(Header(meta, dataset)) == "1.2.3"
    dataset.SOPInstanceUID = "1.2.4"
    assert sop_uid(Header(meta, dataset)) == "1.2.4"


def test_matrix_is_rows_then_columns():
    dataset = Dataset()
    assert matrix(Header(dataset)) == (0, 0)
    dataset.Rows, dataset.Columns = 4, 5
    assert matrix(Header(dataset)) == (4, 5)


def test_pixel_spacing_is_two_positive_numbers():
    assert pixel_spacing((0.4, 0.3)) == (0.4, 0.3)


@pytest.mark.parametrize(
    "values", [(), (0.4,), (0.4, None), (0.4, 0.0), (0.4, -0.3), (1, 2, 3), (0.4, 1e300)]
)
def test_other_pixel_spacings_are_rejected(values):
    with pytest.raises(FileRejectedError, match="pixel spacing") as caught:
        pixel_spacing(values)
    assert caught.value.code == "no-geometry"


def test_orientation_is_six_numbers_or_none():
    assert orientation((1, 0, 0, 0, 1, 0)) == (1, 0, 0, 0, 1, 0)
    assert orientation((1, 0, 0, 0, 1, None)) is None
    assert orientation((1, 0, 0)) is None


@pytest.mark.parametrize(
    "values", [(0,) * 6, (1, 0, 0, 1, 0, 0), (2, 0, 0, 0, 1, 0), (1e300,) * 6, (1, 0, 0, 0, 1e-300, 0)]
)
def test_directions_that_are_none_are_no_orientation(values):
    assert orientation(values) is None


def test_rounded_directions_are():
    assert orientation((0.99, 0.1, 0, -0.1, 0.99, 0)) == (0.99, 0.1, 0, -0.1, 0.99, 0)


def test_a_position_is_three_numbers_of_a_place():
    assert position((1, 2, -3)) == (1, 2, -3)
    assert position((1, 2)) is None
    assert position((1, 2, None)) is None
    assert position((1, 2, 1e300)) is None


@pytest.mark.parametrize(
    ("stated", "length"), [(0.5, 0.5), (-0.5, -0.5), (0, None), (None, None), (1e300, None)]
)
def test_a_length_keeps_its_sign_and_is_one_that_can_be(stated, length):
    assert length_mm(stated) == length
