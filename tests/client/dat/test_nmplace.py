from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from scanserve.client.dat.nmplace import place_frames
from scanserve.preprocessing import read_tomograms


@pytest.fixture
def source(study):
    (tomogram,) = read_tomograms(study).tomograms
    return tomogram


def _header(position=(1, 2, 3), orientation=(1, 0, 0, 0, 1, 0), *, outside=False) -> Dataset:
    """A header whose place stands with its detector, or outside."""
    ds, detector = Dataset(), Dataset()
    detector.CollimatorType = "PARA"
    holder = ds if outside else detector
    holder.ImagePositionPatient = None if position is None else list(position)
    holder.ImageOrientationPatient = None if orientation is None else list(orientation)
    ds.DetectorInformationSequence = [detector]
    return ds


def _placed(source, ds, first=2):
    place_frames(ds, source, first, 5)
    return ds.DetectorInformationSequence[0].get("ImagePositionPatient")


def test_frames_are_counted_from_one(source):
    ds = _header()
    _placed(source, ds)
    assert (ds.NumberOfFrames, ds.NumberOfSlices, list(ds.SliceVector)) == (5, 5, [1, 2, 3, 4, 5])


@pytest.mark.parametrize(("step", "z"), [(3.29, 9.58), (-3.29, -3.58)])
def test_the_place_moves_along_the_normal_by_the_sign_of_the_step(source, step, z):
    assert _placed(replace(source, step_mm=step), _header()) == [1, 2, z]


def test_a_place_outside_the_detectors_moves_and_is_written_where_it_belongs(source):
    ds = _header(outside=True)
    assert _placed(source, ds) == [1, 2, 9.58]
    assert ds.ImagePositionPatient == [1, 2, 9.58]
    assert ds.DetectorInformationSequence[0].ImageOrientationPatient == [1, 0, 0, 0, 1, 0]


def test_a_place_that_is_not_known_is_left_out(source):
    assert _placed(replace(source, step_mm=None), _header()) is None
    assert _placed(source, _header(position=None)) is None
    assert _placed(replace(source, orientation=None), _header(orientation=None)) is None
    ds = _header(outside=True)
    _placed(replace(source, step_mm=None), ds)
    assert "ImagePositionPatient" not in ds


def test_the_first_frame_of_all_stays_where_it_is(source):
    assert _placed(replace(source, step_mm=None), _header(), first=0) == [1, 2, 3]


def test_distances_are_those_that_were_read(source):
    ds = _header()
    ds.SpacingBetweenSlices, ds.SliceThickness = "1E300", "2"
    place_frames(ds, replace(source, spacing_mm=(None, 3.5, 3.5), thickness_mm=3.29), 0, 5)
    assert "SpacingBetweenSlices" not in ds
    assert (ds.SliceThickness, list(ds.PixelSpacing)) == (3.29, [3.5, 3.5])
    place_frames(ds, replace(source, step_mm=-3.29), 0, 5)
    assert ds.SpacingBetweenSlices == -3.29
