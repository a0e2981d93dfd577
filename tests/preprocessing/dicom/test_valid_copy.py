import io

import pydicom
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from scanserve.preprocessing.dicom import Header, quiet_pydicom, set_character_set, valid_copy
from tests.support.elements import raw_element, raw_elements


def _copy(*elements: RawDataElement, character_sets=()) -> Dataset:
    return valid_copy(
        Header(Dataset({element.tag: element for element in elements}), character_sets=character_sets)
    )


@pytest.mark.parametrize(
    ("keyword", "written", "copied"),
    [
        ("PixelSpacing", "3,29\\3.29 ", [3.29, 3.29]),
        ("SliceThickness", "3.2900", 3.29),
        ("SeriesNumber", "7 ", 7),
        ("CountsAccumulated", "", None),
        ("SeriesDate", "20260101", "20260101"),
        ("PatientAge", "055Y", "055Y"),
        ("ImageType", "ORIGINAL\\PRIMARY", ["ORIGINAL", "PRIMARY"]),
        ("Rows", b"\x00\x02", 512),
        ("EnergyWindowName", "I-123", "I-123"),
        ("SeriesDescription", "odd\x1b[2Jtext\r\n", "odd[2Jtext"),
        ("SeriesDescription", "x" * 200, "x" * 64),
        ("SeriesDescription", "x" * 63 + "ü", "x" * 63),
    ],
)
def test_valid_values_are_copied(keyword, written, copied):
    copy = _copy(raw_element(keyword, written))
    assert copy[keyword].value == copied


@pytest.mark.parametrize(
    ("keyword", "written"),
    [
        ("SpacingBetweenSlices", "nan"),
        ("SpacingBetweenSlices", "inf"),
        ("PixelSpacing", "3.29\\abc"),
        ("ImagePositionPatient", "UNKNOWN\\UNKNOWN\\UNKNOWN"),
        ("CountsAccumulated", "12.5"),
        ("SeriesDate", "2026-1-1"),
        ("SeriesTime", "12:0:0"),
        ("PatientAge", "55"),
        ("FrameOfReferenceUID", "1.2.abc"),
        ("Modality", "lower"),
        ("RescaleSlope", b"\xff\xfe"),
        ("IconImageSequence", b"garbage "),
        ("PixelPaddingValue", b"\x00\x00"),
    ],
)
def test_invalid_values_are_left_out(keyword, written):
    copy = _copy(raw_element(keyword, written))
    assert not copy.get(keyword)


def test_numbers_that_are_none_do_not_get_through_binary_elements_either():
    assert len(_copy(raw_element("RealWorldValueSlope", b"\x00\x00\x00\x00\x00\x00\xf8\x7f"))) == 0


def test_private_elements_group_lengths_and_overlays_are_left_out():
    private = RawDataElement(Tag(0x0009, 0x1001), "LO", 6, b"secret", 0, False, True)
    length = RawDataElement(Tag(0x0008, 0), "UL", 4, bytes(4), 0, False, True)
    overlay = RawDataElement(Tag(0x6000, 0x0010), "US", 2, b"\1\0", 0, False, True)
    assert len(_copy(private, length, overlay)) == 0


def test_items_are_copied_as_well():
    inner = raw_elements(ImagePositionPatient="1,5\\2\\3", ImageOrientationPatient="nan")
    outer = Dataset()
    outer.DetectorInformationSequence = [inner]
    (item,) = valid_copy(Header(outer)).DetectorInformationSequence
    assert item.ImagePositionPatient == [1.5, 2, 3]
    assert "ImageOrientationPatient" not in item


def test_letters_are_read_by_the_character_set():
    element = raw_element("SeriesDescription", "Hirn früh".encode())
    assert _copy(element, character_sets=("ISO_IR 192",)).SeriesDescription == "Hirn früh"
    element = raw_element("PatientName", "Müller^Jörg".encode("latin-1"))
    assert _copy(element, character_sets=("ISO_IR 999",)).PatientName == "Müller^Jörg"


@pytest.mark.parametrize(
    ("text", "preferred", "stated"),
    [
        ("plain", ("ISO_IR 100",), None),
        ("früh", ("ISO_IR 100",), "ISO_IR 100"),
        ("früh", ("ISO_IR 144",), "ISO_IR 192"),
        ("früh", ("ISO_IR 999",), "ISO_IR 192"),
        ("コロナリー", ("", "ISO 2022 IR 87"), "ISO_IR 192"),
    ],
)
def test_a_character_set_that_has_all_letters_is_stated(text, preferred, stated):
    dataset, item = Dataset(), Dataset()
    dataset.Rows = 1
    item.CodeMeaning = text
    dataset.ViewCodeSequence = [item]
    set_character_set(dataset, preferred)
    assert dataset.get("SpecificCharacterSet") == stated


TAGS = sorted(
    number for number in DicomDictionary if number >> 16 in (0x0008, 0x0018, 0x0028, 0x0040, 0x0054)
)


@example([(0x189426, b"\0" * 15 + b"H", "FD")]).via("a number too large for its value representation, FL")
@example([(0x080407, b"\\", None)]).via("several values where UR has one")
@example([(0x00180024, b"\x01 \x01", None)])
@settings(deadline=None, max_examples=400)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(TAGS),
            st.binary(max_size=24) | st.text("0123456789.,-\\ naNeE^=ü", max_size=24).map(str.encode),
            st.sampled_from([None, "DS", "IS", "LO", "SQ", "UN", "US", "FD", "UI", "PN", "DA", "AT", "OB"]),
        ),
        max_size=6,
    )
)
def test_whatever_is_read_a_copy_can_be_written_and_is_valid(elements):
    made = [
        RawDataElement(Tag(number), vr, len(data), data, 0, vr is None, True) for number, data, vr in elements
    ]
    with quiet_pydicom():
        copy = _copy(*made, character_sets=("ISO_IR 100",))
        set_character_set(copy, ("ISO_IR 100",))
    file = io.BytesIO()
    pydicom.dcmwrite(file, copy, implicit_vr=False, little_endian=True)
    file.seek(0)
    again = pydicom.dcmread(file, force=True) if file.getbuffer().nbytes else Dataset()
    assert [element.value or "" for element in again] == [element.value or "" for element in copy]
