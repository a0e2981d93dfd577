"""The outermost layer of a serialised ``ModelInferRequest``: its head, and where its tensors' bytes lie.

Protobuf would copy every tensor to parse the message.  The outer layer is a sequence of tagged fields; those of
``raw_input_contents`` are only measured here, and what remains is small enough to be parsed.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.server.gate.refusal import Refusal, invalid

__all__ = ["HEAD_BYTES", "Parts", "split"]

#: A head of more bytes than this is no request of ours: the largest has under 1 KiB.
HEAD_BYTES = 64 << 10
_MOST_FIELDS = 256
_RAW_INPUT_CONTENTS = 7
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_LARGEST_TAG = (1 << 32) - 1


@dataclass(frozen=True)
class Parts:
    """A message taken apart: the head, serialised, and a view of each tensor's bytes, not copied."""

    head: bytes
    contents: tuple[memoryview, ...]


def split(message: bytes) -> Parts:
    """Take a serialised ``ModelInferRequest`` apart.

    Raises:
        Refusal: ``INVALID_ARGUMENT`` where the message breaks off, has too many fields or too large a head.
    """
    view = memoryview(message)
    head, place = bytearray(), 0
    contents: list[memoryview] = []
    for _ in range(_MOST_FIELDS):
        if place == len(view):
            return Parts(bytes(head), tuple(contents))
        tag, value = _varint(view, place)
        kind, number = tag & 7, tag >> 3
        start, end = _extent(view, value, kind)
        if kind == _DELIMITED and number == _RAW_INPUT_CONTENTS:
            contents.append(view[start:end])
        else:
            head += view[place:end]
        if tag > _LARGEST_TAG or number == 0 or len(head) > HEAD_BYTES:
            raise _malformed()
        place = end
    raise _malformed()


def _extent(view: memoryview, place: int, kind: int) -> tuple[int, int]:
    """First byte and end of the value at ``place``; the end of a value that breaks off is refused."""
    if kind == _VARINT:
        start, end = place, _varint(view, place)[1]
    elif kind == _DELIMITED:
        length, start = _varint(view, place)
        end = start + length
    elif kind in (_FIXED32, _FIXED64):
        start, end = place, place + (4 if kind == _FIXED32 else 8)
    else:
        raise _malformed()
    if end > len(view):
        raise _malformed()
    return start, end


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    """The number at ``place`` and the byte after it."""
    number = 0
    for index, byte in enumerate(view[place : place + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return number, place + index + 1
    raise _malformed()


def _malformed() -> Refusal:
    return invalid("the request is not a ModelInferRequest.")
