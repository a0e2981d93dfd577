"""Compressed frames in their file: a table of offsets, then the fragments of all frames (PS3.5, A.4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

__all__ = ["Fragment", "FragmentsError", "frames_of", "read_fragments", "read_frame"]

#: An item and the end of them, as little-endian files write their tags.
_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
#: Bytes of an item's tag and length.
_HEAD = 8
#: Fragments that are looked at at most: a frame rarely has more than a few.
MOST_FRAGMENTS = 1_000_000
#: A frame of the JPEG family ends so, whatever zeros fill up its last fragment.
_END_OF_IMAGE = b"\xff\xd9"
_TAIL = 16


class FragmentsError(Exception):
    """The fragments end too early."""


@dataclass(frozen=True)
class Fragment:
    """Place of a fragment's bytes in the file; ``item`` is the offset of its item from the first fragment's."""

    offset: int
    length: int
    item: int


def read_fragments(file: BinaryIO, offset: int, file_size: int) -> tuple[list[Fragment], tuple[int, ...]]:
    """All fragments, and the table of the offsets of the frames, which may be empty.

    Args:
        file: of which only the heads of the items are read, and the table.
        offset: of the first item.
        file_size: bytes.

    Raises:
        FragmentsError: an item reaches beyond the end of the file, or no end is marked.
    """
    table, after = _item(file, offset, file_size)
    file.seek(table)
    offsets = file.read(after - table)
    fragments: list[Fragment] = []
    start, at = after, after
    while len(fragments) < MOST_FRAGMENTS:
        file.seek(at)
        if file.read(4) == _END:
            starts = range(0, len(offsets) - 3, 4)
            return fragments, tuple(int.from_bytes(offsets[i : i + 4], "little") for i in starts)
        value, end = _item(file, at, file_size)
        fragments.append(Fragment(value, end - value, at - start))
        at = end
    raise FragmentsError


def _item(file: BinaryIO, at: int, file_size: int) -> tuple[int, int]:
    """Where the value of the item at ``at`` begins and ends."""
    file.seek(at)
    head = file.read(_HEAD)
    value = at + _HEAD
    end = value + int.from_bytes(head[4:], "little")
    if head[:4] != _ITEM or end > file_size:
        raise FragmentsError
    return value, end


def frames_of(
    file: BinaryIO, fragments: Sequence[Fragment], offsets: Sequence[int], count: int
) -> list[list[Fragment]]:
    """The fragments of each of ``count`` frames.

    Raises:
        FragmentsError: there are fewer fragments than frames.
        ValueError: the fragments cannot be told apart by frame.
    """
    if len(fragments) < count:
        raise FragmentsError
    if count == 1:
        return [list(fragments)]
    if len(fragments) == count:
        return [[fragment] for fragment in fragments]
    starts = sorted(set(offsets)) if len(offsets) == count else _starts_after_ends(file, fragments)
    frames: list[list[Fragment]] = [[] for _ in starts]
    for fragment in fragments:
        frames[max(bisect_right(starts, fragment.item) - 1, 0)].append(fragment)
    if len(frames) != count or not all(frames):
        raise ValueError("the fragments cannot be told apart by frame")
    return frames


def _starts_after_ends(file: BinaryIO, fragments: Sequence[Fragment]) -> list[int]:
    """Items that begin a frame: the first, and each after one that ends an image."""
    starts = [fragments[0].item]
    for fragment, following in pairwise(fragments):
        file.seek(fragment.offset + max(fragment.length - _TAIL, 0))
        if file.read(min(fragment.length, _TAIL)).rstrip(b"\0").endswith(_END_OF_IMAGE):
            starts.append(following.item)
    return starts


def read_frame(file: BinaryIO, fragments: Sequence[Fragment]) -> bytes:
    """The bytes of one compressed frame."""
    parts = []
    for fragment in fragments:
        file.seek(fragment.offset)
        parts.append(file.read(fragment.length))
    return b"".join(parts)
