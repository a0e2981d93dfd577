import numpy as np
import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing import read_tomograms
from tests.support import nm_factory as nm


def test_a_tomogram_is_what_was_written(tmp_path):
    (tomogram,) = read_tomograms(nm.write(tmp_path)).tomograms
    assert tomogram.shape == nm.SHAPE
    assert tomogram.spacing_mm == (3.29, 3.29, 3.29)
    assert tomogram.orientation == (1, 0, 0, 0, 1, 0)
    assert tomogram.minutes == pytest.approx(5)
    counts = tomogram.load()
    assert counts.dtype == np.float32
    assert np.array_equal(counts, nm.stored())


def test_slope_and_intercept_are_applied(tmp_path):
    def change(made):
        made.RescaleSlope, made.RescaleIntercept = "0.5", "1"

    (tomogram,) = read_tomograms(nm.write(tmp_path, change=change)).tomograms
    assert tomogram.load().max() == 501


def load_error(folder):
    (tomogram,) = read_tomograms(folder).tomograms
    with pytest.raises(StudyError) as caught:
        tomogram.load()
    return caught.value.code


def test_empty_and_negative_counts_are_refused(tmp_path):
    nothing = np.zeros(nm.SHAPE, np.uint16)
    assert load_error(nm.write(tmp_path, values=nothing)) == "no-counts"

    def negative(made):
        made.RescaleSlope, made.RescaleIntercept = "1", "-500"

    assert load_error(nm.write(tmp_path, change=negative)) == "negative-counts"


def test_a_truncated_file_is_refused(tmp_path):
    nm.write(tmp_path)
    file = tmp_path / "tomogram.dcm"
    file.write_bytes(file.read_bytes()[:-1000])
    assert load_error(tmp_path) == "truncated-file"


def test_small_negative_values_of_a_filter_are_no_counts(tmp_path):
    def change(made):
        made.RescaleSlope, made.RescaleIntercept = "1", "-5"

    (tomogram,) = read_tomograms(nm.write(tmp_path, change=change)).tomograms
    counts = tomogram.counts()
    assert (counts.values.min(), counts.values.max()) == (0, 995)
    assert [finding.code for finding in counts.findings] == ["negative-counts-zeroed"]


@pytest.mark.parametrize("frames", [1_000_000, 2_000_000_000])
def test_frames_that_are_not_there_are_not_made_room_for(tmp_path, frames):
    def change(made):
        made.NumberOfFrames = frames
        del made.SliceVector, made.NumberOfSlices

    assert load_error(nm.write(tmp_path, change=change)) == "truncated-file"
