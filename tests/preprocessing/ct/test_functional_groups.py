from pydicom.dataset import Dataset

from scanserve.preprocessing.ct.functional_groups import FunctionalGroups
from scanserve.preprocessing.ct.tags import (
    CONVOLUTION_KERNEL,
    CT_RECONSTRUCTION_SEQUENCE,
    PIXEL_MEASURES_SEQUENCE,
)
from scanserve.preprocessing.dicom import Header
from scanserve.preprocessing.dicom.tags import PIXEL_SPACING, SLICE_THICKNESS


def _measures(**values) -> Header:
    """Functional groups with pixel measures."""
    inner, outer = Dataset(), Dataset()
    for keyword, value in values.items():
        setattr(inner, keyword, value)
    outer.PixelMeasuresSequence = [inner]
    return Header(outer)


def _file(**values) -> Header:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return Header(dataset)


def test_own_comes_before_shared_and_shared_before_the_file():
    file, shared, own = _file(SliceThickness=3), _measures(SliceThickness=2), _measures(SliceThickness=1)
    for sources, expected in (((shared, own), 1), ((shared, Header()), 2), ((Header(), Header()), 3)):
        groups = FunctionalGroups(file, *sources)
        assert groups.number(PIXEL_MEASURES_SEQUENCE, SLICE_THICKNESS) == expected


def test_each_attribute_is_looked_for_by_itself():
    groups = FunctionalGroups(_file(), _measures(PixelSpacing=[0.4, 0.3]), _measures(SliceThickness=1))
    assert groups.numbers(PIXEL_MEASURES_SEQUENCE, PIXEL_SPACING) == (0.4, 0.3)
    assert groups.number(PIXEL_MEASURES_SEQUENCE, SLICE_THICKNESS) == 1


def test_an_attribute_that_is_nowhere_is_absent():
    groups = FunctionalGroups(Header(), Header(), Header())
    assert groups.numbers(PIXEL_MEASURES_SEQUENCE, PIXEL_SPACING) == ()
    assert groups.number(PIXEL_MEASURES_SEQUENCE, SLICE_THICKNESS) is None
    assert groups.text(CT_RECONSTRUCTION_SEQUENCE, CONVOLUTION_KERNEL) == ""
