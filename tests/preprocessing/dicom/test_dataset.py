import os
import time
import zlib

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from scanserve.preprocessing.dicom import FileRejectedError, open_image, tags
from scanserve.preprocessing.dicom.dataset import read_elements
from tests.support import ct_factory as factory
from tests.support.files import mislabelled, sparse

SYNTAXES = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)


def _read(path, wanted=None):
    with open(path, "rb") as file:
        elements = read_elements(file, wanted)
        return elements, elements.header


@pytest.fixture
def image(tmp_path):
    return factory.save(factory.slice_dataset(factory.pixels(1)[0]), tmp_path / "image")


@pytest.mark.parametrize("stated", SYNTAXES)
@pytest.mark.parametrize("written", SYNTAXES)
def test_elements_are_read_whatever_encoding_is_stated(image, tmp_path, written, stated):
    factory.recode(image, tmp_path / "written", written)
    mislabelled(tmp_path / "written", tmp_path / "file", stated)
    elements, header = _read(tmp_path / "file", tags.IMAGE_ATTRIBUTES)
    assert elements.transfer_syntax == stated
    assert elements.encoding.transfer_syntax == written
    assert (header.integer(tags.ROWS), header.text(tags.SOP_INSTANCE_UID)) == (4, "1.2.3.4.1")


def test_a_plain_dataset_that_is_said_to_be_deflated(image, tmp_path):
    mislabelled(image, tmp_path / "file", DeflatedExplicitVRLittleEndian)
    elements, header = _read(tmp_path / "file")
    assert elements.deflated_at is None
    assert header.integer(tags.ROWS) == 4


def test_a_deflated_dataset(image, tmp_path):
    factory.recode(image, tmp_path / "file", DeflatedExplicitVRLittleEndian)
    elements, header = _read(tmp_path / "file")
    assert elements.deflated_at
    assert header.integer(tags.ROWS) == 4


def test_without_preamble_and_meta_header(tmp_path):
    dataset = factory.slice_dataset(factory.pixels(1)[0])
    pydicom.dcmwrite(tmp_path / "file", Dataset(dataset), implicit_vr=True, little_endian=True)
    elements, header = _read(tmp_path / "file")
    assert (elements.transfer_syntax, len(elements.meta)) == ("", 0)
    assert header.integer(tags.ROWS) == 4


def test_only_what_is_wanted_is_kept(image):
    _, header = _read(image, [tags.ROWS])
    assert tags.ROWS in header
    assert tags.COLUMNS not in header


def _refused_quickly(path) -> str:
    start = time.monotonic()
    with pytest.raises(FileRejectedError) as caught:
        open_image(str(path.parent), path.name, tags.IMAGE_ATTRIBUTES, lambda header: None)
    assert time.monotonic() - start < 30
    return caught.value.code


def test_twenty_gigabytes_of_zeros_are_not_read(image, tmp_path):
    sparse(tmp_path / "nothing", b"\0" * 128 + b"DICM", 20 << 30)
    assert _refused_quickly(tmp_path / "nothing") == "unreadable"
    sparse(tmp_path / "after", image.read_bytes()[:400], 20 << 30)
    assert _refused_quickly(tmp_path / "after") == "unreadable"


@pytest.mark.parametrize("vr", [b"SQ", b"UN", b"OB"])
def test_an_element_without_an_end_is_given_up(image, tmp_path, vr):
    head = image.read_bytes()
    head = head[: head.index(b"\x08\x00\x16\x00UI")]
    endless = b"\x08\x00\x15\x11" + vr + b"\0\0\xff\xff\xff\xff"
    if vr == b"SQ":
        endless += b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    sparse(tmp_path / "file", head + endless, 20 << 30)
    assert _refused_quickly(tmp_path / "file") in ("too-large", "unreadable")


def test_an_element_of_gigabytes_is_not_read(image, tmp_path):
    head = image.read_bytes()
    head = head[: head.index(b"\x08\x00\x16\x00UI")]
    sparse(tmp_path / "file", head + b"\x08\x00\x16\x00UN\0\0" + (3 << 30).to_bytes(4, "little"), 20 << 30)
    assert _refused_quickly(tmp_path / "file") == "too-large"


def test_a_header_that_inflates_without_end_is_given_up(image, tmp_path):
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    private = b"\x09\x00\x10\x10UN\0\0" + (1 << 31).to_bytes(4, "little")
    bomb = deflater.compress(private) + b"".join(deflater.compress(bytes(1 << 24)) for _ in range(16))
    factory.recode(image, tmp_path / "deflated", DeflatedExplicitVRLittleEndian)
    elements, _ = _read(tmp_path / "deflated")
    head = (tmp_path / "deflated").read_bytes()[: elements.deflated_at]
    (tmp_path / "file").write_bytes(head + bomb + deflater.flush())
    assert os.path.getsize(tmp_path / "file") < 1 << 20
    assert _refused_quickly(tmp_path / "file") == "too-large"
