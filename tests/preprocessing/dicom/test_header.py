import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from scanserve.preprocessing.dicom import Header, tag
from scanserve.preprocessing.dicom.tags import IMAGE_TYPE, PIXEL_SPACING, ROWS, SERIES_DESCRIPTION

PADDING = tag("PixelPaddingValue")


def _raw(value: bytes, vr: str | None = "DS", *, little: bool = True, at: int = PIXEL_SPACING) -> Header:
    """The header of one element, as it is read from a file."""
    element = RawDataElement(Tag(at), vr, len(value), value, 0, vr is None, little)
    return Header(Dataset({element.tag: element}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"0.4\\0.5 ", (0.4, 0.5)),
        (b"\\\\-766.5", (None, None, -766.5)),
        (b"", ()),
        (b"abc", (None,)),
        (b"0,4", (0.4,)),
        (b"nan", (None,)),
        (b"1e400", (None,)),
        (b" 7\0", (7,)),
    ],
)
def test_decimal_strings(value, expected):
    assert _raw(value).numbers(PIXEL_SPACING) == expected


@settings(deadline=None)
@given(st.binary(max_size=12), st.sampled_from(["DS", "IS", "US", "SS", "FD", "FL", None, "UN", "OB", "LO"]))
def test_no_bytes_raise(value, vr):
    header = _raw(value, vr)
    header.numbers(PIXEL_SPACING)
    header.integers(PIXEL_SPACING, vr="US")
    header.text(PIXEL_SPACING)
    assert header.item(PIXEL_SPACING) is None


@pytest.mark.parametrize("little", [True, False])
def test_binary_numbers_in_both_byte_orders(little):
    order = "<" if little else ">"
    words = _raw(np.array([512, 3], f"{order}u2").tobytes(), "US", little=little)
    signed = _raw(np.array([-7], f"{order}i2").tobytes(), "SS", little=little)
    double = _raw(np.array([0.5], f"{order}f8").tobytes(), "FD", little=little)
    assert words.integers(PIXEL_SPACING) == (512, 3)
    assert words.integer(PIXEL_SPACING) == 512
    assert signed.integer(PIXEL_SPACING) == -7
    assert double.number(PIXEL_SPACING) == 0.5


@pytest.mark.parametrize("vr", [None, "UN"])
def test_elements_that_do_not_say_their_vr_take_the_standard_s(vr):
    assert _raw(b"\x00\x02", vr, at=ROWS).integer(ROWS) == 512
    assert _raw(b"0.5 ", vr).number(PIXEL_SPACING) == 0.5


def test_a_vr_that_the_standard_leaves_open_is_the_caller_s():
    assert _raw(b"\xff\xff", None, at=PADDING).integer(PADDING, vr="US") == 65535
    assert _raw(b"\xff\xff", None, at=PADDING).integer(PADDING, vr="SS") == -1
    assert _raw(b"\xff\xff", "US", at=PADDING).integer(PADDING, vr="SS") == 65535


def test_absent_elements():
    empty = Header()
    assert PIXEL_SPACING not in empty
    assert empty.text(PIXEL_SPACING) == ""
    assert empty.texts(PIXEL_SPACING) == ()
    assert empty.number(PIXEL_SPACING) is None
    assert empty.item(PIXEL_SPACING) is None


def test_converted_elements_read_alike():
    dataset = Dataset()
    dataset.PixelSpacing = [0.4, 0.5]
    header = Header(dataset)
    assert PIXEL_SPACING in header
    assert header.numbers(PIXEL_SPACING) == (0.4, 0.5)
    assert header.text(PIXEL_SPACING) == "0.4\\0.5"


def test_later_datasets_count():
    first, second = Dataset(), Dataset()
    first.PixelSpacing, first.Rows, second.Rows = [1, 1], 1, 2
    header = Header(first, second)
    assert (header.integer(ROWS), header.number(PIXEL_SPACING)) == (2, 1)


def test_items_of_a_sequence():
    sequence, dataset, items = tag("PixelMeasuresSequence"), Dataset(), [Dataset(), Dataset()]
    items[0].Rows, items[1].Rows = 3, 4
    dataset.PixelMeasuresSequence = items
    header = Header(dataset)
    assert [header.item(sequence, index).integer(ROWS) for index in range(2)] == [3, 4]
    assert header.item(sequence, 2) is None


def test_text_is_read_by_the_character_set_of_the_file():
    dataset, item = Dataset(), Dataset()
    for target in (dataset, item):
        value = b"\x1b$B%3%m%J%j!<\x1b(B CTA"
        element = RawDataElement(Tag("SeriesDescription"), "LO", len(value), value, 0, False, True)
        target[element.tag] = element
    dataset.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    dataset.PixelMeasuresSequence = [item]
    header = Header(dataset)
    assert header.text(SERIES_DESCRIPTION) == "コロナリー CTA"
    assert header.item(tag("PixelMeasuresSequence")).text(SERIES_DESCRIPTION) == "コロナリー CTA"


def test_a_double_byte_character_may_hold_the_byte_of_a_backslash():
    value = "誠\\b".encode("gbk")
    dataset = Dataset()
    element = RawDataElement(Tag("ImageType"), "CS", len(value), value, 0, False, True)
    dataset[element.tag] = element
    dataset.SpecificCharacterSet = "GBK"
    assert Header(dataset).texts(IMAGE_TYPE) == ("誠", "b")
