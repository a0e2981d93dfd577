import math

import pytest
from pydicom.dataset import Dataset

from scanserve.preprocessing.ct import tags
from scanserve.preprocessing.ct.functional_groups import FunctionalGroups
from scanserve.preprocessing.ct.rescale import Rescale, in_hounsfield, read_rescale
from scanserve.preprocessing.dicom import Header
from scanserve.preprocessing.dicom import tags as image_tags
from tests.support.elements import raw_elements


def _read(**texts: str | None) -> Rescale:
    """What a header of these attributes states; ``None`` leaves one out."""
    stated = {"RescaleSlope": "1", "RescaleIntercept": "-1024"} | texts
    header = Header(raw_elements(**{key: text for key, text in stated.items() if text is not None}))
    return read_rescale(FunctionalGroups(header, Header(), Header()))


@pytest.mark.parametrize(
    ("texts", "slope", "intercept"),
    [
        ({}, 1, -1024),
        ({"RescaleSlope": "0.5", "RescaleIntercept": "0"}, 0.5, 0),
        ({"RescaleIntercept": "-1024,5"}, 1, -1024.5),
        ({"RescaleSlope": " 1 ", "RescaleIntercept": "-1.024E3"}, 1, -1024),
        ({"RescaleSlope": "1\\1"}, 1, -1024),
    ],
)
def test_what_is_stated_is_known(texts, slope, intercept):
    assert _read(**texts) == Rescale(slope, intercept, unit="")


@pytest.mark.parametrize(
    ("texts", "missing"),
    [
        ({"RescaleSlope": None}, ("RescaleSlope",)),
        ({"RescaleIntercept": ""}, ("RescaleIntercept",)),
        ({"RescaleSlope": None, "RescaleIntercept": None}, ("RescaleSlope", "RescaleIntercept")),
    ],
)
def test_what_is_missing_is_not_made_up(texts, missing):
    found = _read(**texts)
    assert (found.known, found.missing, found.invalid) == (False, missing, ())
    assert [math.isnan(found.slope), math.isnan(found.intercept)] == [
        name in missing for name in ("RescaleSlope", "RescaleIntercept")
    ]


@pytest.mark.parametrize("text", ["-1024 HU", "abc", "NaN", "inf", "1e300", "1_024", "\\", "-1024\\0"])
def test_an_intercept_that_is_no_such_number_is_named(text):
    found = _read(RescaleIntercept=text)
    assert (found.known, found.missing) == (False, ())
    assert found.invalid == (f"RescaleIntercept '{text}'",)
    assert math.isnan(found.intercept)


@pytest.mark.parametrize("text", ["0", "-1", "1e300", "1001", "x" * 200, "\x1b[2J"])
def test_a_slope_that_is_none_is_named(text):
    found = _read(RescaleSlope=text)
    assert (found.known, len(found.invalid)) == (False, 1)
    assert found.invalid[0].isprintable()
    assert len(found.invalid[0]) < 50


@pytest.mark.parametrize("unit", ["HU", "hu", "", "Hounsfield Units", "US"])
def test_hounsfield_units_are_taken_and_what_says_nothing(unit):
    assert _read(RescaleType=unit).unit == unit.upper()
    assert in_hounsfield(unit)


@pytest.mark.parametrize("unit", ["MGML", "HU_MOD", "Z_EFF", "DOE^JOHN"])
def test_other_units_are_not(unit):
    assert not in_hounsfield(_read(RescaleType=unit).unit)


def test_the_frame_s_own_comes_before_the_file_s():
    item = Header(Dataset())
    outer, inner = Dataset(), Dataset()
    inner.RescaleSlope, inner.RescaleIntercept = "2", "-10"
    outer.PixelValueTransformationSequence = [inner]
    header = Header(raw_elements(RescaleSlope="1", RescaleIntercept="0"))
    assert read_rescale(FunctionalGroups(header, item, Header(outer))) == Rescale(2, -10, unit="")


def test_attributes_are_those_that_a_header_is_asked_for():
    wanted = {image_tags.RESCALE_SLOPE, image_tags.RESCALE_INTERCEPT, tags.RESCALE_TYPE}
    assert wanted < set(tags.WANTED)
