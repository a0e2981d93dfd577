"""Streams that end: what a file says about its own size is not believed, so reading a header has bounds.

A header of a few kilobytes may claim gigabytes, a sequence may go on for the whole of a sparse file, and four megabytes
may inflate to eight gigabytes.  No real header comes near these bounds, not even one of twelve thousand frames.
"""

from __future__ import annotations

import os
import zlib
from typing import BinaryIO

from scanserve.preprocessing.dicom.rejects import FileRejectedError

__all__ = ["HEADER_BYTES", "BoundedStream", "InflatedStream"]

#: Bytes of a header that are read, or inflated, at most.
HEADER_BYTES = 128 << 20
#: Reads of a header at most: two for each element and a few for each item.
HEADER_READS = 1_000_000
#: Reads in a row that give nothing but zeros: no element has such a head, so its value at most gives one.
ZERO_READS = 100
#: Compressed bytes that are taken from a file at a time.
_CHUNK = 1 << 16


def _endless() -> FileRejectedError:
    return FileRejectedError("too-large", "hold a header that does not end")


class BoundedStream:
    """A stream for reading one header; more of it than any header has is a :class:`FileRejectedError`."""

    def __init__(self, stream: BinaryIO | InflatedStream) -> None:
        self._stream = stream
        self._bytes, self._reads, self._zeros = HEADER_BYTES, HEADER_READS, ZERO_READS
        self.name = "header"  # pydicom puts it into warnings
        self.tell = stream.tell

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; -1 is all that is left."""
        wanted = HEADER_BYTES + 1 if size < 0 else size
        data = self._stream.read(min(wanted, self._bytes + 1))
        self._bytes -= len(data)
        self._reads -= 1
        self._zeros = ZERO_READS if data[:8].strip(b"\0") else self._zeros - 1
        if min(self._bytes, self._reads, self._zeros) < 0:
            raise _endless()
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of any stream."""
        return self._stream.seek(offset, whence)


class InflatedStream:
    """What the rest of a file inflates to, as far as it is asked for (PS3.5, A.5).

    Args:
        stream: stands where the deflated bytes begin.
        limit: bytes that are inflated and kept at most.
    """

    def __init__(self, stream: BinaryIO, limit: int = HEADER_BYTES) -> None:
        self._source = stream
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._inflated = bytearray()
        self._position = 0
        self._limit = limit

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes."""
        end = self._position + size
        self._inflate(end)
        data = bytes(self._inflated[self._position : end])
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of any stream; not from its end, which nobody knows."""
        self._position = offset + (self._position if whence == os.SEEK_CUR else 0)
        return self._position

    def tell(self) -> int:
        """As of any stream."""
        return self._position

    def _inflate(self, end: int) -> None:
        while len(self._inflated) < end and not self._inflater.eof:
            if len(self._inflated) >= self._limit:
                raise _endless()
            data = self._inflater.unconsumed_tail or self._source.read(_CHUNK)
            if not data:
                return
            room = min(end, self._limit) - len(self._inflated)
            self._inflated += self._inflater.decompress(data, max(room, _CHUNK))
