import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from scanserve.contracts import StudyError
from scanserve.preprocessing import read_study, read_tomograms
from tests.support import nm_factory as nm


def refused(folder):
    with pytest.raises(StudyError) as caught:
        read_tomograms(folder)
    return caught.value


def test_a_tomogram_is_what_was_written(tmp_path):
    (one,) = read_tomograms(nm.write(tmp_path)).tomograms
    assert one.shape == nm.SHAPE
    assert one.spacing_mm == (3.29, 3.29, 3.29)
    assert one.orientation == (1, 0, 0, 0, 1, 0)
    assert one.minutes == pytest.approx(5)
    counts = one.load()
    assert counts.dtype == np.float32
    assert np.array_equal(counts, nm.stored())


def test_slope_and_intercept_are_applied(tmp_path):
    def change(made):
        made.RescaleSlope, made.RescaleIntercept = "0.5", "1"

    (one,) = read_tomograms(nm.write(tmp_path, change=change)).tomograms
    assert one.load().max() == 501


def test_an_implicit_file_without_preamble_is_read_as_well(tmp_path):
    pydicom.dcmwrite(tmp_path / "raw", Dataset(nm.dataset()), implicit_vr=True, little_endian=True)
    (one,) = read_tomograms(tmp_path).tomograms
    assert np.array_equal(one.load(), nm.stored())


def test_several_series_are_found_in_order_and_copies_once(tmp_path):
    nm.write(tmp_path, "b.dcm", number=2, minutes=25.0)
    nm.write(tmp_path, "a.dcm", number=1)
    nm.write(tmp_path, "copy.dcm", number=1)
    found = read_tomograms(tmp_path)
    assert [one.series_number for one in found.tomograms] == [1, 2]
    assert [group.code for group in found.skipped] == ["copy"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda made: setattr(made, "ImageType", ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]),
            "not RECON TOMO",
        ),
        (lambda made: setattr(made, "NumberOfSlices", 3), "more than one volume"),
        (lambda made: setattr(made, "NumberOfEnergyWindows", 2), "more than one volume"),
        (lambda made: setattr(made, "SliceVector", list(range(7, 0, -1))), "another order"),
        (lambda made: delattr(made, "PixelSpacing"), "pixel spacing"),
        (lambda made: delattr(made, "PixelData"), "no pixel data"),
        (lambda made: setattr(made, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.2"), "not NM images"),
    ],
)
def test_what_is_no_single_volume_is_refused_with_its_reason(tmp_path, change, reason):
    error = refused(nm.write(tmp_path, change=change))
    assert error.code == "no-tomogram"
    assert reason in error.message


def test_an_unknown_image_type_is_not_repeated(tmp_path):
    def change(made):
        made.ImageType = ["ORIGINAL", "PRIMARY", "DOE JOHN"]

    assert "DOE" not in refused(nm.write(tmp_path, change=change)).message


def test_two_studies_are_refused(tmp_path):
    nm.write(tmp_path, "a.dcm", seed=1)
    nm.write(tmp_path, "b.dcm", seed=2)
    assert refused(tmp_path).code == "mixed-studies"


def test_folders_without_anything_are_refused(tmp_path):
    assert refused(tmp_path / "absent").code == "study-missing"
    assert refused(tmp_path).code == "empty-folder"


def load_error(folder):
    (one,) = read_tomograms(folder).tomograms
    with pytest.raises(StudyError) as caught:
        one.load()
    return caught.value.code


def test_empty_and_negative_counts_are_refused(tmp_path):
    nothing = np.zeros(nm.SHAPE, np.uint16)
    assert load_error(nm.write(tmp_path, values=nothing)) == "no-counts"

    def negative(made):
        made.RescaleSlope, made.RescaleIntercept = "1", "-5"

    assert load_error(nm.write(tmp_path, change=negative)) == "negative-counts"


def test_a_truncated_file_is_refused(tmp_path):
    nm.write(tmp_path)
    file = tmp_path / "one.dcm"
    file.write_bytes(file.read_bytes()[:-1000])
    assert load_error(tmp_path) == "truncated-file"


@pytest.mark.parametrize("detail", ["RotationInformationSequence", "NumberOfFramesInRotation"])
def test_a_duration_that_is_not_said_is_unknown(tmp_path, detail):
    def change(made):
        del (made if detail in made else made.RotationInformationSequence[0])[detail]

    (one,) = read_tomograms(nm.write(tmp_path, change=change)).tomograms
    assert one.minutes is None


def test_an_nm_study_is_not_a_ct_study(tmp_path):
    with pytest.raises(StudyError) as caught:
        read_study(nm.write(tmp_path))
    assert caught.value.code == "no-ct"
    assert "Nuclear Medicine" in caught.value.message
