"""One DICOM file that may hold an image: its header as raw elements, and how its pixels are kept.

What kind of image is wanted is the caller's business; whatever cannot be one is rejected with a reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import BinaryIO

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import UID

from scanserve.preprocessing.dicom import header as h
from scanserve.preprocessing.dicom.header import Elements

__all__ = ["IMAGE_TAGS", "FileRejectedError", "PixelFormat", "open_image", "require_class", "require_pixels"]

_DICOMDIR = "1.2.840.10008.1.3.10"
_NATIVE_LITTLE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}

#: What every image is judged by: its class, its identity and how its pixels are kept.
IMAGE_TAGS = [
    0x00080008, 0x00080016, 0x00080018, 0x00080060, 0x0020000D, 0x0020000E, 0x00200011, 0x00280002, 0x00280008,
    0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280103,
]  # fmt: skip


class FileRejectedError(Exception):
    """A file that holds no usable image; ``code`` and ``reason`` are as in ``Skipped``."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class PixelFormat:
    """How the pixels of one file are kept.

    ``offset`` and ``length`` are those of the native little-endian pixel data in bytes, or ``offset`` is
    -1 where the pixels must be decoded.  ``file_size`` is in bytes.
    """

    transfer_syntax: str
    bits_allocated: int
    bits_stored: int
    signed: bool
    offset: int
    length: int
    file_size: int

    @property
    def truncated(self) -> bool:
        """Whether the native pixel data is known to end after the file does."""
        return self.offset >= 0 and self.offset + self.length > self.file_size


def open_image(
    root: str, name: str, tags: Collection[int], check: Callable[[Elements], None]
) -> tuple[Elements, PixelFormat]:
    """The header of one file and how its pixels are kept; the pixels are not read.

    Args:
        root: folder that was read.
        name: path of the file below it.
        tags: the elements wanted.
        check: looks at the header and raises where the file holds no image of the kind that is wanted.

    Raises:
        FileRejectedError: what ``check`` raises; or code ``not-dicom``, ``unreadable`` or ``no-pixels``.
    """
    try:
        with open(os.path.join(root, name), "rb") as stream:
            dataset = _read_header(stream, tags)
            header = h.elements(getattr(dataset, "file_meta", Dataset()), dataset)
            check(header)
            return header, _pixel_format(header, dataset.original_encoding, stream)
    except FileRejectedError:
        raise
    except Exception as error:  # whatever a malformed file makes the parser raise, it is one unreadable file
        raise FileRejectedError("unreadable", "could not be parsed as DICOM") from error


def require_class(header: Elements, classes: Collection[str], modality: str) -> None:
    """Reject a file of none of the SOP ``classes``; one that names no class must be of the ``modality``.

    Raises:
        FileRejectedError: code ``dicomdir``, ``unreadable``, or ``not-ct``, ``not-nm`` ... after the modality.
    """
    sop_class = h.text(header, 0x00080016) or h.text(header, 0x00020002)
    if sop_class == _DICOMDIR:
        raise FileRejectedError("dicomdir", "are directories of a disc (DICOMDIR)")
    stated = h.text(header, 0x00080060)
    if not sop_class and not stated:
        raise FileRejectedError("unreadable", "could not be parsed as DICOM")
    if sop_class not in classes and (sop_class or stated != modality):
        raise FileRejectedError(
            f"not-{modality.lower()}", f"are {_class_name(sop_class)}, not {modality} images"
        )


def require_pixels(header: Elements) -> None:
    """Reject what holds no grey pixels.

    Raises:
        FileRejectedError: code ``colour`` or ``no-pixels``.
    """
    if (h.integer(header, 0x00280002) or 1) != 1:
        raise FileRejectedError("colour", "are colour images")
    if not h.integer(header, 0x00280010) or not h.integer(header, 0x00280011):
        raise FileRejectedError("no-pixels", "hold no pixel data")


def _class_name(sop_class: str) -> str:
    name = UID(sop_class, validation_mode=0).name if sop_class else ""
    return name.removesuffix(" Storage") if name and name != sop_class else "DICOM objects of another kind"


def _read_header(stream: BinaryIO, tags: Collection[int]) -> Dataset:
    start = stream.read(132)
    preamble = start[128:] == b"DICM"
    if not preamble and start[:2] not in (b"\x08\x00", b"\x02\x00"):
        raise FileRejectedError("not-dicom", "are not DICOM")
    stream.seek(0)
    return pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=list(tags), force=not preamble)


def _transfer_syntax(header: Elements, implicit: bool, little: bool) -> str:
    stated = h.text(header, 0x00020010)
    if stated:
        return stated
    if not little:
        return "1.2.840.10008.1.2.2"
    return "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"


def _pixel_format(
    header: Elements, encoding: tuple[bool | None, bool | None], stream: BinaryIO
) -> PixelFormat:
    implicit, little = map(bool, encoding)
    syntax = _transfer_syntax(header, implicit, little)
    stated = h.integer(header, 0x00280100) or 16
    offset, length = -1, 0
    if syntax in _NATIVE_LITTLE:
        offset, length = _native_pixels(stream, implicit=implicit)
    return PixelFormat(
        transfer_syntax=syntax,
        bits_allocated=stated,
        bits_stored=h.integer(header, 0x00280101) or stated,
        signed=h.integer(header, 0x00280103) == 1,
        offset=offset,
        length=length,
        file_size=os.fstat(stream.fileno()).st_size,
    )


def _native_pixels(stream: BinaryIO, *, implicit: bool) -> tuple[int, int]:
    """Offset and length in bytes of the pixel data whose element starts where the stream stands."""
    start = stream.read(12)
    if start[:4] != b"\xe0\x7f\x10\x00":
        raise FileRejectedError("no-pixels", "hold no pixel data")
    size = start[4:8] if implicit else start[8:12]
    back = 4 if implicit else 0
    return stream.tell() - back, int.from_bytes(size, "little")
