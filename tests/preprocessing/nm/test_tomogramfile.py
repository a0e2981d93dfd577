import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from scanserve.preprocessing import Tomogram, read_tomograms
from scanserve.preprocessing.dicom import FileRejectedError
from scanserve.preprocessing.nm.tomogramfile import read_tomogram
from tests.support import nm_factory as nm


def _read(folder, change=None, **settings) -> Tomogram:
    (tomogram,) = read_tomogram(str(nm.write(folder, "file", change, **settings)), "file")
    return tomogram


def _rejected(folder, change) -> FileRejectedError:
    with pytest.raises(FileRejectedError) as caught:
        _read(folder, change)
    return caught.value


def test_a_header_is_what_was_written(tmp_path):
    tomogram = _read(tmp_path, number=2, minutes=25.0)
    assert tomogram.path == tmp_path / "file"
    assert (tomogram.series_number, tomogram.description) == (2, "25 min")
    assert (tomogram.shape, tomogram.spacing_mm) == (nm.SHAPE, (3.29, 3.29, 3.29))
    assert (tomogram.thickness_mm, tomogram.orientation) == (3.29, (1, 0, 0, 0, 1, 0))
    assert (tomogram.step_mm, tomogram.position) == (3.29, pytest.approx((-208.915, -208.915, -9.87)))
    assert tomogram.minutes == pytest.approx(25)
    assert (tomogram.slope, tomogram.intercept) == (1, 0)


def test_an_implicit_file_without_preamble_is_read_as_well(tmp_path):
    pydicom.dcmwrite(tmp_path / "raw", Dataset(nm.dataset()), implicit_vr=True, little_endian=True)
    (tomogram,) = read_tomograms(tmp_path).tomograms
    assert np.array_equal(tomogram.load(), nm.stored())


def test_a_negative_spacing_says_the_direction_only(tmp_path):
    def change(made):
        made.SpacingBetweenSlices, made.SliceThickness = "-3.5", "-3.4"

    tomogram = _read(tmp_path, change)
    assert (tomogram.spacing_mm[0], tomogram.thickness_mm) == (3.5, 3.4)
    assert tomogram.step_mm == -3.5


def test_spacing_and_orientation_that_are_not_said_are_unknown(tmp_path):
    def change(made):
        del made.SpacingBetweenSlices
        del made.DetectorInformationSequence

    tomogram = _read(tmp_path, change)
    assert (tomogram.spacing_mm, tomogram.orientation) == ((None, 3.29, 3.29), None)
    assert tomogram.step_mm == 3.29  # the thickness


@pytest.mark.parametrize("detail", ["RotationInformationSequence", "NumberOfFramesInRotation"])
def test_a_duration_that_is_not_said_is_unknown(tmp_path, detail):
    def change(made):
        del (made if detail in made else made.RotationInformationSequence[0])[detail]

    assert _read(tmp_path, change).minutes is None


def test_rotations_add_up_and_detectors_share_them(tmp_path):
    def change(made):
        rotation = Dataset()
        rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = 30_000, 10
        made.RotationInformationSequence, made.NumberOfDetectors = [rotation, rotation], 4

    assert _read(tmp_path, change).minutes == 2 * 10 * 0.5 / 4


@pytest.mark.parametrize(
    ("keyword", "value", "code"),
    [
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.2", "not-nm"),
        ("ImageType", ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"], "not-recon-tomo"),
        ("ImageType", ["ORIGINAL", "PRIMARY"], "not-recon-tomo"),
        ("SamplesPerPixel", 3, "colour"),
        ("NumberOfSlices", 3, "several-volumes"),
        ("NumberOfEnergyWindows", 2, "several-volumes"),
        ("SliceVector", list(range(7, 0, -1)), "slice-order"),
        ("PixelSpacing", None, "no-geometry"),
        ("RescaleSlope", "0", "rescale-invalid"),
        ("PixelRepresentation", None, "bits-invalid"),
    ],
)
def test_what_is_no_single_volume_is_rejected(tmp_path, keyword, value, code):
    assert _rejected(tmp_path, lambda made: setattr(made, keyword, value)).code == code


def test_a_known_image_type_is_named(tmp_path):
    def change(made):
        made.ImageType = ["ORIGINAL", "PRIMARY", "GATED TOMO"]

    assert _rejected(tmp_path, change).reason == "are NM images GATED TOMO, not RECON TOMO"


def test_an_unknown_image_type_is_not_repeated(tmp_path):
    def change(made):
        made.ImageType = ["ORIGINAL", "PRIMARY", "DOE JOHN"]

    assert _rejected(tmp_path, change).reason == "are NM images of an unknown kind, not RECON TOMO"


def test_a_place_outside_the_detectors_is_found(tmp_path):
    def change(made):
        for detector in made.DetectorInformationSequence:
            detector.ImageOrientationPatient = None
            detector.ImagePositionPatient = None
        made.ImageOrientationPatient = [1, 0, 0, 0, -1, 0]
        made.ImagePositionPatient = [1, 2, 3]

    tomogram = _read(tmp_path, change)
    assert (tomogram.orientation, tomogram.position) == ((1, 0, 0, 0, -1, 0), (1, 2, 3))


def test_neither_spacing_nor_thickness_is_no_step(tmp_path):
    def change(made):
        del made.SpacingBetweenSlices, made.SliceThickness

    tomogram = _read(tmp_path, change)
    assert (tomogram.spacing_mm[0], tomogram.thickness_mm, tomogram.step_mm) == (None, None, None)


@pytest.mark.parametrize("duration", [0, 10**9])
def test_a_duration_that_nobody_lies_for_is_unknown(tmp_path, duration):
    def change(made):
        made.RotationInformationSequence[0].ActualFrameDuration = duration

    assert _read(tmp_path, change).minutes is None


def test_a_slice_vector_that_counts_down_is_named_without_dots(tmp_path):
    def change(made):
        made.SliceVector = list(range(7, 0, -1))

    assert _rejected(tmp_path, change).reason.endswith("(SliceVector)")
