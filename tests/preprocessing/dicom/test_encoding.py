import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from scanserve.preprocessing.dicom import FileRejectedError
from scanserve.preprocessing.dicom.encoding import Encoding, is_deflated


@pytest.mark.parametrize(
    ("start", "syntax"),
    [
        (b"\x08\x00\x05\x00CS", ExplicitVRLittleEndian),
        (b"\x00\x08\x00\x05CS", ExplicitVRBigEndian),
        (b"\x08\x00\x05\x00\x0a\x00", ImplicitVRLittleEndian),
        (b"\x08\x00\x05\x00AB", ExplicitVRLittleEndian),
    ],
)
def test_the_first_element_shows_the_encoding(start, syntax):
    encoding = Encoding.of_element(start)
    assert encoding.transfer_syntax == syntax
    assert encoding.implicit_vr == (syntax == ImplicitVRLittleEndian)
    assert encoding.little_endian == (syntax != ExplicitVRBigEndian)


@pytest.mark.parametrize("start", [b"", bytes(6), b"\xff" * 6])
def test_what_begins_no_dataset_is_refused(start):
    with pytest.raises(FileRejectedError) as caught:
        Encoding.of_element(start)
    assert caught.value.code == "unreadable"


def test_a_dataset_is_deflated_where_that_is_stated_and_no_plain_element_shows_it_is_not():
    assert is_deflated(DeflatedExplicitVRLittleEndian, b"\x9d\x58\xdb\x72\xda\x48")
    assert not is_deflated(DeflatedExplicitVRLittleEndian, b"\x08\x00\x05\x00CS")
    assert not is_deflated(ExplicitVRLittleEndian, b"\x9d\x58\xdb\x72\xda\x48")
