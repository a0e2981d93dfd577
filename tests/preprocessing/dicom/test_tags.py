import pytest

from scanserve.preprocessing.dicom import tags
from tests.support.tag_check import misnamed


def test_constants_are_called_as_the_dictionary_calls_them():
    assert misnamed(tags) == []


def test_a_tag_is_a_plain_integer():
    assert type(tags.tag("Rows")) is int
    assert tags.tag("Rows") == 2_621_456  # group 40, element 16


def test_unknown_keywords_are_refused():
    with pytest.raises(ValueError, match="'NoSuchThing'"):
        tags.tag("NoSuchThing")


def test_value_representations_are_those_of_the_standard():
    assert tags.standard_vr(tags.ROWS) == "US"
    assert tags.standard_vr(tags.PIXEL_SPACING) == "DS"
    assert tags.standard_vr(tags.tag("PixelPaddingValue")) == "US or SS"


def test_every_attribute_is_asked_for_once():
    assert len(set(tags.IMAGE_ATTRIBUTES)) == len(tags.IMAGE_ATTRIBUTES)
