import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from scanserve.preprocessing.dicom import header as h

TAG = 0x00280030


def _raw(value: bytes, vr: str | None = "DS", *, little: bool = True) -> h.Elements:
    return {TAG: RawDataElement(Tag(TAG), vr, len(value), value, 0, vr is None, little)}


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
    assert h.numbers(_raw(value), TAG) == expected


@settings(deadline=None)
@given(st.binary(max_size=12), st.sampled_from(["DS", "IS", "US", "SS", "FD", "FL", None, "UN", "OB", "LO"]))
def test_no_bytes_raise(value, vr):
    header = _raw(value, vr)
    h.numbers(header, TAG)
    h.integers(header, TAG, "US")
    h.text(header, TAG)
    assert h.item(header, TAG) is None


@pytest.mark.parametrize("little", [True, False])
def test_binary_numbers_in_both_byte_orders(little):
    order = "<" if little else ">"
    assert h.integer(_raw(np.array([512, 3], f"{order}u2").tobytes(), "US", little=little), TAG) == 512
    assert h.integer(_raw(np.array([-7], f"{order}i2").tobytes(), "SS", little=little), TAG) == -7
    assert h.number(_raw(np.array([0.5], f"{order}f8").tobytes(), "FD", little=little), TAG) == 0.5


def test_implicit_elements_take_the_vr_they_have_by_standard():
    assert h.integer(_raw(b"\x00\x02", None), TAG, "US") == 512
    assert h.number(_raw(b"0.5 ", None), TAG) == 0.5


def test_absent_elements():
    empty = h.elements(Dataset())
    assert h.text(empty, TAG) == ""
    assert h.texts(empty, TAG) == ()
    assert h.number(empty, TAG) is None
    assert h.item(empty, TAG) is None


def test_converted_elements_read_alike():
    dataset = Dataset()
    dataset.PixelSpacing = [0.4, 0.5]
    header = h.elements(dataset)
    assert h.numbers(header, TAG) == (0.4, 0.5)
    assert h.text(header, TAG) == "0.4\\0.5"
