"""What the quick reader takes it reads as the thorough one does, and the rest it leaves to that one."""

import io

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from scanserve.preprocessing.ct.tags import WANTED
from scanserve.preprocessing.dicom import tags
from scanserve.preprocessing.dicom.dataset import _read_any
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.plain import HEADER_BYTES, read_plain
from tests.support import ct_factory as factory

DETECTOR = tags.tag("DetectorInformationSequence")


def _bytes(**changes) -> bytes:
    dataset = factory.slice_dataset(factory.pixels(1)[0])
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


PLAIN = _bytes()


def _nested(depth: int, *, undefined: bool = True) -> Sequence:
    item = Dataset()
    item.CodeValue, item.is_undefined_length_sequence_item = "T-1", undefined
    if depth > 1:
        item.ConceptCodeSequence = _nested(depth - 1, undefined=undefined)
        item["ConceptCodeSequence"].is_undefined_length = undefined
    return Sequence([item, Dataset()])


def _with_sequence(depth: int, keyword: str = "ReferencedImageSequence", *, undefined: bool = True) -> bytes:
    dataset = factory.slice_dataset(factory.pixels(1)[0])
    setattr(dataset, keyword, _nested(depth, undefined=undefined))
    dataset[keyword].is_undefined_length = undefined
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _values(elements):
    """All that was read: values by tag, and what follows."""
    header = Header(elements[0], elements[1])
    return {tag: (header.text(tag), header.numbers(tag)) for tag in header}, elements[2].tell()


def _thorough(data: bytes, wanted=WANTED):
    """What the thorough reader makes of a file of these bytes."""

    class File(io.BytesIO):
        def fileno(self):
            return 0

    elements = _read_any(File(data), wanted)
    return elements.meta, elements.dataset, elements.stream


@pytest.mark.parametrize(
    "data",
    [PLAIN, _bytes(PatientName="Müller"), *(_with_sequence(depth) for depth in (1, 3, 9))],
    ids=["plain", "text", "sequence", "nested", "deep"],
)
def test_plain_files_are_read_alike(data):
    found = read_plain(io.BytesIO(data), WANTED)
    assert found is not None
    assert _values(found) == _values(_thorough(data))
    assert found.stream.read(4) == b"\xe0\x7f\x10\x00"


def test_sequences_of_stated_length_are_passed_over():
    data = _with_sequence(4, undefined=False)
    assert _values(read_plain(io.BytesIO(data), WANTED)) == _values(_thorough(data))


def test_only_what_is_wanted_is_kept():
    found = read_plain(io.BytesIO(PLAIN), frozenset({tags.ROWS}))
    assert list(found.dataset) == [tags.ROWS]
    assert tags.TRANSFER_SYNTAX_UID in found.meta


def _recoded(tmp_path, syntax) -> bytes:
    (tmp_path / "plain").write_bytes(PLAIN)
    factory.recode(tmp_path / "plain", tmp_path / "file", syntax)
    return (tmp_path / "file").read_bytes()


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_other_encodings_are_left_to_the_thorough_reader(tmp_path, syntax):
    file = io.BytesIO(_recoded(tmp_path, syntax))
    assert read_plain(file, WANTED) is None
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (PLAIN[132:], WANTED),
        (PLAIN[:200], WANTED),
        (b"", WANTED),
        (_bytes(TextValue="x" * HEADER_BYTES), WANTED),
        (_with_sequence(12), WANTED),
        (_with_sequence(1, "DetectorInformationSequence"), frozenset({DETECTOR})),
        (PLAIN[: PLAIN.index(b"\xe0\x7f\x10\x00")], WANTED),
    ],
    ids=["no preamble", "cut", "empty", "long", "very deep", "wanted sequence", "no pixels"],
)
def test_what_is_not_plain_is_left_to_the_thorough_reader(data, wanted):
    assert read_plain(io.BytesIO(data), wanted) is None


HEADER = PLAIN.index(b"\xe0\x7f\x10\x00") + 12


@settings(max_examples=300, deadline=None)
@given(
    base=st.sampled_from([PLAIN, _with_sequence(2)]),
    changes=st.lists(st.tuples(st.integers(132, HEADER), st.integers(0, 255)), max_size=3),
    cut=st.none() | st.integers(132, HEADER),
)
def test_damaged_files_are_read_as_by_the_thorough_reader_or_left_to_it(base, changes, cut):
    data = bytearray(base)
    for place, value in changes:
        data[place] = value
    data = bytes(data[:cut])
    found = read_plain(io.BytesIO(data), WANTED)
    if found is not None:
        assert _values(found) == _values(_thorough(data))


def test_a_file_of_a_scanner_is_plain(tmp_path):
    path = factory.save(factory.slice_dataset(factory.pixels(1)[0]), tmp_path / "image")
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    with open(path, "rb") as file:
        assert read_plain(file, WANTED) is not None
