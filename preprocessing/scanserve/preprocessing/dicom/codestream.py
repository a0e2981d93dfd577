"""What a compressed frame says about its own size, which decoders believe before they look at the rest."""

from __future__ import annotations

__all__ = ["stated_size"]

#: Markers: start of a JPEG image, of a JPEG 2000 codestream with its size, of the scan.
_JPEG, _JPEG2000, _SCAN = b"\xff\xd8", b"\xff\x4f\xff\x51", 0xDA
#: Markers that start a frame: of JPEG (all but three of their row, which mean something else) and of JPEG-LS.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
#: Markers that stand alone, without a length.
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
#: The codestream of a JP2 file begins within so many bytes.
_BOXES = 4096
#: Segments before the frame that are looked at: a file has a handful.
_SEGMENTS = 1000


def stated_size(frame: bytes) -> tuple[int, int, int] | None:
    """Rows, columns and components by the frame's own header (ISO 10918-1, 14495-1, 15444-1); ``None`` without one."""
    if frame[:2] == _JPEG:
        return _of_jpeg(frame)
    start = frame.find(_JPEG2000, 0, _BOXES)
    return _of_jpeg2000(frame[start + 4 : start + 42]) if start >= 0 else None


def _of_jpeg(frame: bytes) -> tuple[int, int, int] | None:
    at = 2
    for _ in range(_SEGMENTS):
        while frame[at : at + 1] == b"\xff" and frame[at + 1 : at + 2] == b"\xff":  # fill bytes
            at += 1
        if frame[at : at + 1] != b"\xff" or len(frame) < at + 10:
            return None
        marker = frame[at + 1]
        if marker in _FRAMES:
            return _number(frame, at + 5, 2), _number(frame, at + 7, 2), frame[at + 9]
        if marker == _SCAN:
            return None
        at += 2 if marker in _ALONE else 2 + _number(frame, at + 2, 2)
    return None


def _of_jpeg2000(size: bytes) -> tuple[int, int, int] | None:
    """From the SIZ segment after its marker: the reference grid less the offset of the image in it."""
    if len(size) < 38:
        return None
    width, height, left, top = (_number(size, at, 4) for at in (4, 8, 12, 16))
    return height - top, width - left, _number(size, 36, 2)


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")
