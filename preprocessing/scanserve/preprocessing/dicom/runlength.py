"""Run-length encoded frames (PS3.5, annex G).

The decoder of ``pylibjpeg-rle`` for whole frames writes beyond its array where a segment holds too much, and the panic
that ends in goes to the terminal past every filter.  Segments are decoded one by one here, by the function of the same
package that lets them grow, and measured afterwards.
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
from rle.rle import decode_segment

__all__ = ["decode_runs"]

#: Bytes of a frame's head: how many segments there are, and where they begin.
_HEAD = 64
#: Encoded bytes for one byte of an image at most, where every byte is a run of its own.
_WORST = 2


def decode_runs(frame: bytes, pixels: int, dtype: npt.DTypeLike) -> npt.NDArray:
    """The pixels of one frame.

    Args:
        frame: head and segments; each segment holds one byte of every pixel, the highest first.
        pixels: how many there are.
        dtype: little-endian integer.

    Raises:
        ValueError: the frame is damaged.
    """
    whole = np.dtype(dtype)
    planes = np.empty((pixels, whole.itemsize), np.uint8)
    for number, segment in enumerate(_segments(frame, whole.itemsize)):
        planes[:, whole.itemsize - 1 - number] = _plane(segment, pixels)
    return planes.reshape(-1).view(whole)


def _segments(frame: bytes, count: int) -> list[bytes]:
    if len(frame) < _HEAD:
        raise ValueError("the frame ends within its head")
    stated, *starts = struct.unpack(f"<{_HEAD // 4}L", frame[:_HEAD])
    ends = [*starts[1:count], len(frame)]
    if stated != count or any(
        not _HEAD <= start < end <= len(frame) for start, end in zip(starts, ends, strict=False)
    ):
        raise ValueError("the head does not fit the segments")
    return [frame[start:end] for start, end in zip(starts, ends, strict=False)]


def _plane(segment: bytes, pixels: int) -> npt.NDArray[np.uint8]:
    """One byte of every pixel; a segment may end in a byte that makes its length even."""
    limited = segment[: _WORST * pixels + 2]
    try:
        decoded = decode_segment(limited)
    except ValueError:
        decoded = decode_segment(limited[:-1]) if len(limited) > 1 else b""
    if len(decoded) < pixels:
        raise ValueError("a segment holds too little")
    return np.frombuffer(decoded, np.uint8, pixels)
