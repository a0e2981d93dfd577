"""How the pixels of one file are kept: the transfer syntax, the bits, and their place in the file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from scanserve.preprocessing.dicom import tags
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.rejects import FileRejectedError

__all__ = ["PixelFormat"]

_NATIVE_LITTLE_ENDIAN = (ImplicitVRLittleEndian, ExplicitVRLittleEndian)
#: The tag of the pixel data as a little-endian file writes it: its group, then its element.
_PIXEL_DATA_BYTES = b"".join(part.to_bytes(2, "little") for part in divmod(tags.PIXEL_DATA, 1 << 16))


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

    @classmethod
    def from_stream(
        cls, header: Header, stream: BinaryIO, *, implicit_vr: bool, little_endian: bool
    ) -> PixelFormat:
        """The format that ``header`` states, and the place of the pixel data.

        Args:
            header: elements of the meta header and of the dataset.
            stream: stands where the dataset ends, at the pixel data's element; its position changes.
            implicit_vr, little_endian: how the dataset is encoded.

        Raises:
            FileRejectedError: code ``no-pixels``.
        """
        syntax = header.text(tags.TRANSFER_SYNTAX_UID) or _syntax_of_encoding(implicit_vr, little_endian)
        allocated = header.integer(tags.BITS_ALLOCATED) or 16
        offset, length = -1, 0
        if syntax in _NATIVE_LITTLE_ENDIAN:
            offset, length = _native_pixels(stream, implicit_vr=implicit_vr)
        return cls(
            transfer_syntax=syntax,
            bits_allocated=allocated,
            bits_stored=header.integer(tags.BITS_STORED) or allocated,
            signed=header.integer(tags.PIXEL_REPRESENTATION) == 1,
            offset=offset,
            length=length,
            file_size=os.fstat(stream.fileno()).st_size,
        )


def _syntax_of_encoding(implicit_vr: bool, little_endian: bool) -> str:
    if not little_endian:
        return str(ExplicitVRBigEndian)
    return str(ImplicitVRLittleEndian if implicit_vr else ExplicitVRLittleEndian)


def _native_pixels(stream: BinaryIO, *, implicit_vr: bool) -> tuple[int, int]:
    """Offset and length in bytes of the pixel data whose element starts where the stream stands."""
    start = stream.read(12)
    if start[:4] != _PIXEL_DATA_BYTES:
        raise FileRejectedError("no-pixels", "hold no pixel data")
    size = start[4:8] if implicit_vr else start[8:12]
    back = 4 if implicit_vr else 0
    return stream.tell() - back, int.from_bytes(size, "little")
