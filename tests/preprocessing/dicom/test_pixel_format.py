import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from scanserve.preprocessing.dicom import FileRejectedError, Header, PixelFormat

EXPLICIT_START = b"\xe0\x7f\x10\x00OW\x00\x00\x28\x00\x00\x00"
IMPLICIT_START = b"\xe0\x7f\x10\x00\x28\x00\x00\x00"


def _header(syntax=None, **tags) -> Header:
    meta, dataset = FileMetaDataset(), Dataset()
    if syntax:
        meta.TransferSyntaxUID = syntax
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return Header(meta, dataset)


def _format(tmp_path, header, start, *, implicit_vr=False, little_endian=True) -> PixelFormat:
    """The format of a file of 100 bytes of header, the start of the pixel data and 40 bytes of it."""
    file = tmp_path / "file"
    file.write_bytes(bytes(100) + start + bytes(40))
    with open(file, "rb") as stream:
        stream.seek(100)
        return PixelFormat.from_stream(header, stream, implicit_vr=implicit_vr, little_endian=little_endian)


def test_place_of_explicit_pixels(tmp_path):
    found = _format(tmp_path, _header(ExplicitVRLittleEndian), EXPLICIT_START)
    assert (found.offset, found.length, found.file_size) == (112, 40, 152)
    assert not found.truncated


def test_place_of_implicit_pixels(tmp_path):
    found = _format(tmp_path, _header(ImplicitVRLittleEndian), IMPLICIT_START, implicit_vr=True)
    assert (found.offset, found.length, found.file_size) == (108, 40, 148)


@pytest.mark.parametrize(
    ("implicit_vr", "little_endian", "syntax"),
    [
        (True, True, ImplicitVRLittleEndian),
        (False, True, ExplicitVRLittleEndian),
        (False, False, ExplicitVRBigEndian),
    ],
)
def test_a_syntax_that_is_not_stated_is_that_of_the_encoding(tmp_path, implicit_vr, little_endian, syntax):
    start = IMPLICIT_START if implicit_vr else EXPLICIT_START
    found = _format(tmp_path, _header(), start, implicit_vr=implicit_vr, little_endian=little_endian)
    assert found.transfer_syntax == syntax


@pytest.mark.parametrize("syntax", [RLELossless, ExplicitVRBigEndian])
def test_pixels_that_must_be_decoded_have_no_place(tmp_path, syntax):
    found = _format(tmp_path, _header(syntax), b"")
    assert (found.offset, found.length) == (-1, 0)
    assert not found.truncated


def test_bits(tmp_path):
    header = _header(RLELossless, BitsAllocated=32, BitsStored=12, PixelRepresentation=1)
    found = _format(tmp_path, header, b"")
    assert (found.bits_allocated, found.bits_stored, found.signed) == (32, 12, True)
    bare = _format(tmp_path, _header(RLELossless), b"")
    assert (bare.bits_allocated, bare.bits_stored, bare.signed) == (16, 16, False)


def test_another_element_is_no_pixel_data(tmp_path):
    with pytest.raises(FileRejectedError) as caught:
        _format(tmp_path, _header(ExplicitVRLittleEndian), b"\xe0\x7f\x00\x00" + EXPLICIT_START[4:])
    assert caught.value.code == "no-pixels"


def test_pixels_beyond_the_end_of_the_file_are_truncated():
    assert PixelFormat(ExplicitVRLittleEndian, 16, 16, True, offset=100, length=41, file_size=140).truncated
