import io

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from scanserve.preprocessing.dicom import FileRejectedError, Header, PixelFormat
from scanserve.preprocessing.dicom.dataset import FileElements
from scanserve.preprocessing.dicom.encoding import Encoding
from scanserve.preprocessing.dicom.pixel_format import COMPRESSED
from scanserve.preprocessing.dicom.streams import BoundedStream

EXPLICIT_START = b"\xe0\x7f\x10\x00OW\x00\x00\x28\x00\x00\x00"
IMPLICIT_START = b"\xe0\x7f\x10\x00\x28\x00\x00\x00"
BIG_START = b"\x7f\xe0\x00\x10OW\x00\x00\x00\x00\x00\x28"
ENCAPSULATED_START = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"
EXPLICIT = Encoding(implicit_vr=False, little_endian=True)
IMPLICIT = Encoding(implicit_vr=True, little_endian=True)
BIG = Encoding(implicit_vr=False, little_endian=False)
#: 4 x 5 pixels of 16 bits: 40 bytes.
TAGS = {"Rows": 4, "Columns": 5, "BitsAllocated": 16, "BitsStored": 16, "PixelRepresentation": 0}


def _format(start=EXPLICIT_START, syntax=None, *, encoding=EXPLICIT, deflated_at=None, **tags) -> PixelFormat:
    """The format of a file of 100 bytes of header, the start of the pixel data and 40 bytes of it."""
    content = bytes(100) + start + bytes(40)
    meta, dataset = FileMetaDataset(), Dataset()
    if syntax:
        meta.TransferSyntaxUID = syntax
    for keyword, value in (TAGS | tags).items():
        if value is not None:
            setattr(dataset, keyword, value)
    file = io.BytesIO(content)
    file.seek(100)
    elements = FileElements(
        meta, dataset, encoding, syntax or "", BoundedStream(file), deflated_at, len(content)
    )
    return PixelFormat.from_elements(Header(meta, dataset), elements)


def _rejected(*arguments, **settings) -> str:
    with pytest.raises(FileRejectedError) as caught:
        _format(*arguments, **settings)
    return caught.value.code


@pytest.mark.parametrize(
    ("encoding", "start", "syntax", "offset"),
    [
        (EXPLICIT, EXPLICIT_START, ExplicitVRLittleEndian, 112),
        (IMPLICIT, IMPLICIT_START, ImplicitVRLittleEndian, 108),
        (BIG, BIG_START, ExplicitVRBigEndian, 112),
    ],
)
def test_place_of_native_pixels(encoding, start, syntax, offset):
    found = _format(start, syntax, encoding=encoding)
    assert (found.transfer_syntax, found.offset, found.length) == (syntax, offset, 40)
    assert (found.file_size, found.needed) == (offset + 40, 40)
    assert not found.truncated
    assert not found.compressed


@pytest.mark.parametrize(
    "stated", [None, ExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian]
)
@pytest.mark.parametrize(
    ("encoding", "start", "syntax"),
    [
        (EXPLICIT, EXPLICIT_START, ExplicitVRLittleEndian),
        (IMPLICIT, IMPLICIT_START, ImplicitVRLittleEndian),
        (BIG, BIG_START, ExplicitVRBigEndian),
    ],
)
def test_the_syntax_of_native_pixels_is_that_of_the_elements_whatever_is_stated(
    encoding, start, syntax, stated
):
    found = _format(start, stated, encoding=encoding)
    assert (found.transfer_syntax, found.little_endian) == (syntax, syntax != ExplicitVRBigEndian)
    assert found.length == 40


def test_native_pixels_that_are_said_to_be_compressed_are_read_where_their_size_fits():
    found = _format(syntax=RLELossless)
    assert (found.transfer_syntax, found.length) == (ExplicitVRLittleEndian, 40)
    assert _rejected(syntax=RLELossless, Rows=5) == "encoding-mismatch"


@pytest.mark.parametrize(
    "stated", [None, ExplicitVRLittleEndian, ImplicitVRLittleEndian, "1.2.840.10008.1.1"]
)
def test_compressed_pixels_that_are_said_to_be_native_are_named(stated):
    expected = _format(ENCAPSULATED_START, RLELossless)
    assert (expected.length, expected.transfer_syntax, expected.compressed) == (COMPRESSED, RLELossless, True)
    if stated == "1.2.840.10008.1.1":  # no transfer syntax at all: the decoder will say so
        assert _format(ENCAPSULATED_START, stated).transfer_syntax == stated
    else:
        assert _rejected(ENCAPSULATED_START, stated) == "encoding-mismatch"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"BitsAllocated": 32, "BitsStored": 12, "PixelRepresentation": 1}, (32, 12, True, 0)),
        ({"BitsStored": 12, "HighBit": 11}, (16, 12, False, 0)),
        ({"BitsStored": 12, "HighBit": 15}, (16, 12, False, 4)),
        ({"BitsStored": None}, (16, 16, False, 0)),
    ],
)
def test_bits(tags, expected):
    found = _format(**tags)
    assert (found.bits_allocated, found.bits_stored, found.signed, found.shift) == expected


@pytest.mark.parametrize(
    "tags",
    [
        {"BitsAllocated": None},
        {"BitsAllocated": 12},
        {"BitsAllocated": 1},
        {"BitsAllocated": 64},
        {"BitsStored": 17},
        {"BitsStored": 12, "HighBit": 10},
        {"BitsStored": 12, "HighBit": 16},
        {"PixelRepresentation": None},
        {"PixelRepresentation": 2},
    ],
)
def test_bits_that_cannot_be_are_named(tags):
    assert _rejected(**tags) == "bits-invalid"


def test_compressed_pixels_have_their_bits_where_their_decoder_puts_them():
    tags = {"BitsStored": 12, "HighBit": 15}
    assert _format(ENCAPSULATED_START, RLELossless, **tags).shift == 4  # encodes the bytes as they are
    assert _rejected(ENCAPSULATED_START, JPEG2000Lossless, **tags) == "bits-invalid"


def test_another_element_is_no_pixel_data():
    assert _rejected(b"\xe0\x7f\x00\x00" + EXPLICIT_START[4:]) == "no-pixels"
    assert _rejected(b"") == "no-pixels"


def test_pixels_beyond_the_end_of_the_file_are_truncated():
    assert PixelFormat(ExplicitVRLittleEndian, 16, 16, True, offset=100, length=41, file_size=140).truncated


@pytest.mark.parametrize("frames", [2, 1_000_000, 2_000_000_000])
@pytest.mark.parametrize(
    ("start", "syntax"), [(EXPLICIT_START, ExplicitVRLittleEndian), (ENCAPSULATED_START, RLELossless)]
)
def test_frames_that_cannot_be_there_are_truncated(start, syntax, frames):
    found = _format(start, syntax, NumberOfFrames=frames)
    assert found.truncated or (found.compressed and frames == 2)


@pytest.mark.parametrize("frames", [0, None, 1])
def test_a_file_holds_one_frame_at_least(frames):
    assert _format(NumberOfFrames=frames).needed == 40


def test_deflated_pixels_are_not_a_thousand_times_the_file():
    found = _format(syntax=DeflatedExplicitVRLittleEndian, deflated_at=50)
    assert (found.deflated_at, found.transfer_syntax) == (50, ExplicitVRLittleEndian)
    with pytest.raises(FileRejectedError) as caught:
        _format(deflated_at=50, Rows=4096, Columns=4096)
    assert caught.value.code == "too-large"
