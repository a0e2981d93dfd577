"""How the pixels of one file are kept: the transfer syntax, the bits, and their place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from pydicom.uid import UID, RLELossless

from scanserve.preprocessing.dicom import tags
from scanserve.preprocessing.dicom.attributes import matrix
from scanserve.preprocessing.dicom.dataset import FileElements
from scanserve.preprocessing.dicom.encoding import Encoding
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.rejects import FileRejectedError
from scanserve.preprocessing.dicom.streams import BoundedStream

__all__ = ["COMPRESSED", "PixelFormat"]

#: The length of pixels that are kept as compressed fragments, whatever the transfer syntax says (PS3.5, A.4).
COMPRESSED = 2**32 - 1
#: Bits of a pixel that are read; others are packed across bytes.
_WHOLE_BYTES = (8, 16, 32)
#: A compressed frame takes at least the head of its fragment, bytes.
_FRAGMENT_HEAD = 8
#: Value representations of pixel data, which in explicit form are followed by two bytes of nothing.
_PIXEL_VRS = (b"OB", b"OW", b"UN")
#: Uncompressed pixels are at most this many times larger than the deflated file, beside a constant that small ones
#: may always have: images deflate to a half or a quarter, and zeros to a thousandth.
_INFLATION, _INFLATED_ANYWAY = 200, 16 << 20


@dataclass(frozen=True)
class PixelFormat:
    """How the pixels of one file are kept.

    Attributes:
        transfer_syntax: by which the pixels are decoded: the file's, or that which its elements show.
        bits_allocated, bits_stored: of a pixel.
        signed: whether pixels are two's complement.
        offset: of the pixel data's first byte in the file, or in what the file inflates to; of its first item where
            they are compressed.
        length: of the pixel data in bytes, or COMPRESSED.
        file_size: bytes.
        shift: bits below the stored ones; 0 in almost all files.
        needed: bytes that the pixels take at least by what the header says.
        little_endian: the order of the bytes of a pixel.
        swapped: whether 8-bit pixels are kept in 16-bit words of big endian.
        deflated_at: where in the file the deflated dataset begins, or None where it is not deflated.
    """

    transfer_syntax: str
    bits_allocated: int
    bits_stored: int
    signed: bool
    offset: int
    length: int
    file_size: int
    shift: int = 0
    needed: int = 0
    little_endian: bool = True
    swapped: bool = False
    deflated_at: int | None = None

    @property
    def compressed(self) -> bool:
        """Whether the pixels are kept as compressed fragments."""
        return self.length == COMPRESSED

    @property
    def truncated(self) -> bool:
        """Whether the pixel data is known to end too early."""
        there = self.file_size - self.offset
        if self.compressed:
            return self.needed > there
        return self.needed > self.length or (self.deflated_at is None and self.length > there)

    @classmethod
    def from_elements(cls, header: Header, elements: FileElements) -> PixelFormat:
        """The format that ``header`` states, and the place of the pixel data.

        Args:
            header: the elements of the file by tag.
            elements: of the file; its stream stands at the pixel data's element, and its position changes.

        Raises:
            FileRejectedError: code ``no-pixels``, ``encoding-mismatch``, ``bits-invalid`` or ``too-large``.
        """
        length, vr = _pixel_data(elements.stream, elements.encoding)
        allocated, stored, shift = _bits(header)
        count = max(1, header.integer(tags.NUMBER_OF_FRAMES) or 1)
        rows, columns = matrix(header)
        native = rows * columns * count * (allocated // 8)
        found = cls(
            transfer_syntax=_syntax(elements, length, native),
            bits_allocated=allocated,
            bits_stored=stored,
            signed=_signed(header),
            offset=elements.stream.tell(),
            length=length,
            file_size=elements.file_size,
            shift=shift,
            needed=_FRAGMENT_HEAD * count if length == COMPRESSED else native,
            little_endian=elements.encoding.little_endian,
            swapped=allocated == 8 and vr == b"OW" and not elements.encoding.little_endian,
            deflated_at=elements.deflated_at,
        )
        _check(found)
        return found


def _pixel_data(stream: BoundedStream | BytesIO, encoding: Encoding) -> tuple[int, bytes]:
    """Length and value representation of the pixel data, at whose value the stream stands afterwards."""
    order = "little" if encoding.little_endian else "big"
    start = stream.read(8)
    tag = tuple(int.from_bytes(part, order) for part in (start[:2], start[2:4]))  # type: ignore[arg-type]
    if tag != divmod(tags.PIXEL_DATA, 1 << 16):
        raise FileRejectedError("no-pixels", "hold no pixel data")
    if start[4:6] in _PIXEL_VRS:  # no length begins so: it would be odd
        return int.from_bytes(stream.read(4), order), start[4:6]  # type: ignore[arg-type]
    return int.from_bytes(start[4:8], order), b""  # type: ignore[arg-type]


def _syntax(elements: FileElements, length: int, native: int) -> str:
    """The transfer syntax that decodes the pixels.

    Raises:
        FileRejectedError: code ``encoding-mismatch`` where it cannot be what the file says, and what it is instead
            cannot be seen.
    """
    stated, plain = UID(elements.transfer_syntax, validation_mode=0), elements.encoding.transfer_syntax
    says_compressed = (
        bool(stated) and not stated.is_private and stated.is_transfer_syntax and stated.is_encapsulated
    )
    if length == COMPRESSED:
        if not stated or (stated.is_transfer_syntax and not stated.is_encapsulated):
            reason = "hold compressed pixels but state no transfer syntax for such"
            raise FileRejectedError("encoding-mismatch", reason)
        return str(stated)
    if says_compressed and length not in (native, native + native % 2):
        reason = (
            "hold uncompressed pixels of another size than stated, in a transfer syntax for compressed ones"
        )
        raise FileRejectedError("encoding-mismatch", reason)
    return plain


def _bits(header: Header) -> tuple[int, int, int]:
    """Bits allocated and stored, and how many lie below those stored."""
    allocated = header.integer(tags.BITS_ALLOCATED)
    stored = header.integer(tags.BITS_STORED) or allocated
    if allocated not in _WHOLE_BYTES or stored is None:
        raise FileRejectedError(
            "bits-invalid", "state bits of a pixel (BitsAllocated) that are not 8, 16 or 32"
        )
    high = header.integer(tags.HIGH_BIT)
    shift = 0 if high is None else high + 1 - stored
    if not (0 < stored <= allocated and 0 <= shift <= allocated - stored):
        reason = "state bits of a pixel that do not fit together (BitsAllocated, BitsStored, HighBit)"
        raise FileRejectedError("bits-invalid", reason)
    return allocated, stored, shift


def _signed(header: Header) -> bool:
    stated = header.integer(tags.PIXEL_REPRESENTATION)
    if stated not in (0, 1):
        reason = "do not say whether their pixels are signed (PixelRepresentation)"
        raise FileRejectedError("bits-invalid", reason)
    return stated == 1


def _check(found: PixelFormat) -> None:
    if found.compressed and found.shift and found.transfer_syntax != RLELossless:
        reason = (
            "state an unusual HighBit for compressed pixels, so that it is not clear where their bits lie"
        )
        raise FileRejectedError("bits-invalid", reason)
    room = _INFLATION * found.file_size + _INFLATED_ANYWAY
    if found.deflated_at is not None and max(found.needed, found.offset) > room:
        raise FileRejectedError("too-large", "state more pixels than such a file can hold")
