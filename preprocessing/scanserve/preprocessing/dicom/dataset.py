"""Reading the elements of one file up to its pixels, whatever its meta header says about their encoding."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, cast

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from scanserve.preprocessing.dicom import tags
from scanserve.preprocessing.dicom.encoding import ELEMENT_START, Encoding, is_deflated
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.plain import read_plain
from scanserve.preprocessing.dicom.rejects import FileRejectedError
from scanserve.preprocessing.dicom.streams import BoundedStream, InflatedStream

__all__ = ["FileElements", "read_elements"]

#: Length of the preamble, and the word that follows it (PS3.10, 7.1).
_PREAMBLE, _PREFIX = 128, b"DICM"
#: A file without a preamble starts with an element of one of these groups, little-endian.
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00")
_META_GROUP = 2
#: Pixel data of any kind begins here.
_PIXELS = tags.tag("FloatPixelData")


@dataclass(frozen=True)
class FileElements:
    """The elements of a file before its pixels, and where these begin.

    Attributes:
        meta, dataset: elements of the meta header, and those of the dataset that were wanted.
        encoding: of the dataset, as its first element shows it.
        transfer_syntax: as the meta header states it, or ``""``.
        stream: stands at the element of the pixel data, or where the dataset ends.
        deflated_at: where in the file the deflated dataset begins; ``stream`` then counts from there, inflated.
        file_size: bytes.
    """

    meta: Dataset | Mapping[int, RawDataElement]
    dataset: Dataset | Mapping[int, RawDataElement]
    encoding: Encoding
    transfer_syntax: str
    stream: BoundedStream | BytesIO
    deflated_at: int | None
    file_size: int

    @property
    def header(self) -> Header:
        """The elements by tag."""
        return Header(self.meta, self.dataset)


def read_elements(file: BinaryIO, wanted: Collection[int] | None = None) -> FileElements:
    """Read the elements of a file before its pixels.

    Args:
        file: stands at its beginning, and must stay open while the stream of the answer is used.
        wanted: tags of the elements to keep; all where ``None``.

    Raises:
        FileRejectedError: code ``not-dicom``, ``unreadable`` or ``too-large``.
        Exception: whatever a malformed file makes the parser raise.
    """
    return (wanted and _read_plain(file, wanted)) or _read_any(file, wanted)


def _read_plain(file: BinaryIO, wanted: Collection[int]) -> FileElements | None:
    """The elements of a file whose dataset is in explicit VR little endian, whatever its meta header says."""
    found = read_plain(file, wanted)
    if found is None:
        return None
    meta, dataset, stream = found
    syntax = Header(meta).text(tags.TRANSFER_SYNTAX_UID)
    encoding = Encoding(implicit_vr=False, little_endian=True)
    return FileElements(meta, dataset, encoding, syntax, stream, None, os.fstat(file.fileno()).st_size)


def _read_any(file: BinaryIO, wanted: Collection[int] | None) -> FileElements:
    stream = BoundedStream(file)
    meta = _read_meta(stream)
    syntax = Header(meta).text(tags.TRANSFER_SYNTAX_UID)
    start, deflated_at = _peek(stream), None
    if is_deflated(syntax, start):
        deflated_at = stream.tell()
        stream = BoundedStream(InflatedStream(file))
        start = _peek(stream)
    encoding = Encoding.of_element(start) if start else Encoding(implicit_vr=True, little_endian=True)
    dataset = read_dataset(
        cast(BinaryIO, stream),
        encoding.implicit_vr,
        encoding.little_endian,
        stop_when=_ends_header,
        specific_tags=None if wanted is None else list(wanted),
    )
    size = os.fstat(file.fileno()).st_size
    return FileElements(meta, dataset, encoding, syntax, stream, deflated_at, size)


def _read_meta(stream: BoundedStream) -> Dataset:
    """The elements of group 2, which are always written with value representations in little endian (PS3.10, 7.1)."""
    start = stream.read(_PREAMBLE + len(_PREFIX))
    if start[_PREAMBLE:] != _PREFIX:
        if start[:2] not in _FIRST_GROUPS:
            raise FileRejectedError("not-dicom", "are not DICOM")
        stream.seek(0)
    if _peek(stream)[:2] != _FIRST_GROUPS[0]:
        return Dataset()
    return read_dataset(
        cast(BinaryIO, stream),
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, vr, length: tag >> 16 != _META_GROUP,
    )


def _ends_header(tag: int, vr: str | None, length: int) -> bool:
    if not tag:  # a run of zeros, which would be read element by element to its end
        raise FileRejectedError("unreadable", "could not be parsed as DICOM")
    return int(tag) >= _PIXELS


def _peek(stream: BoundedStream) -> bytes:
    """The bytes that show the encoding of the next element; the stream stays where it is."""
    start = stream.read(ELEMENT_START)
    stream.seek(-len(start), os.SEEK_CUR)
    return start
