"""The header of a plain file in one read: explicit VR little endian, as nearly every file of a scanner is written.

A study has thousands of such headers of one or two kilobytes.  Whatever is not quite plain is left to
:mod:`~scanserve.preprocessing.dicom.dataset`, which reads everything, and more slowly.
"""

from __future__ import annotations

import struct
from collections.abc import Container
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO, NamedTuple

from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from scanserve.preprocessing.dicom import tags

__all__ = ["PlainElements", "read_plain"]

#: Bytes that are read; a header of a single slice is shorter.
HEADER_BYTES = 1 << 14
#: Length of the preamble, and the word that follows it (PS3.10, 7.1).
_START, _PREFIX = 132, b"DICM"
#: The group of the meta header, and that of the first element of a dataset.
_META_GROUP, _FIRST_GROUP = 2, 8
#: Pixel data of any kind begins here; its element has a head of 12 bytes.
_PIXELS, _PIXEL_HEAD = tags.tag("FloatPixelData"), 12
_SHORT = struct.Struct("<HH2sH").unpack_from
_LONG = struct.Struct("<L").unpack_from
_ITEM = struct.Struct("<HHL").unpack_from


def _by_code(listed: str) -> dict[bytes, str]:
    return {vr.encode(): vr for vr in listed.split()}


#: Value representations by the length of their length (PS3.5, 7.1.2), sequences aside.
_SHORT_VRS = _by_code("AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US")
_LONG_VRS = _by_code("OB OW OD OF OL OV SV UC UN UR UT UV SQ")
_SEQUENCES = ("SQ", "UN")
#: Items and their ends have tags from here on.
_NO_ELEMENT, _ITEM_START, _ITEM_END, _SEQUENCE_END = 0xFFFE_0000, 0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD
_UNDEFINED = 0xFFFF_FFFF
#: Sequences in sequences that are followed.
DEPTH = 10


class PlainElements(NamedTuple):
    """The elements of a file before its pixels.

    Attributes:
        meta, dataset: elements of the meta header, and those of the dataset that were wanted, by tag.
        stream: stands at the element of the pixel data.
    """

    meta: dict[int, RawDataElement]
    dataset: dict[int, RawDataElement]
    stream: BytesIO


def read_plain(file: BinaryIO, wanted: Container[int]) -> PlainElements | None:
    """The elements of a plain file that stands at its beginning; ``None`` of any other, which is there again."""
    data, found = file.read(HEADER_BYTES), None
    if data[_START - len(_PREFIX) : _START] == _PREFIX:
        with suppress(struct.error):  # of a header that breaks off
            found = _walk(data, wanted)
    if found is None:
        file.seek(0)
    return found


def _walk(data: bytes, wanted: Container[int]) -> PlainElements | None:
    meta: dict[int, RawDataElement] = {}
    dataset: dict[int, RawDataElement] = {}
    place, last, kept = _START, 0, meta
    while True:
        tag, vr, value, length = _head(data, place)
        if tag >= _PIXELS:
            return _at_pixels(meta, dataset, data, place) if kept is dataset and tag < _NO_ELEMENT else None
        if kept is meta and tag >> 16 != _META_GROUP:
            if tag >> 16 != _FIRST_GROUP:
                return None
            kept = dataset
        end = value + length if length != _UNDEFINED else _end_of_sequence(data, value, vr)
        if vr is None or end is None or not last < tag or end > len(data):
            return None
        if kept is meta or tag in wanted:
            if vr in _SEQUENCES:
                return None
            kept[tag] = RawDataElement(BaseTag(tag), vr, length, data[value:end], value, False, True)
        place, last = end, tag


def _head(data: bytes, place: int) -> tuple[int, str | None, int, int]:
    """Tag, value representation, place of the value, and length of the element at ``place``.

    Raises:
        struct.error: the data ends.
    """
    group, number, code, length = _SHORT(data, place)
    vr = _SHORT_VRS.get(code)
    if vr is not None:
        return group << 16 | number, vr, place + 8, length
    return group << 16 | number, _LONG_VRS.get(code), place + 12, _LONG(data, place + 8)[0]


def _at_pixels(
    meta: dict[int, RawDataElement], dataset: dict[int, RawDataElement], data: bytes, place: int
) -> PlainElements | None:
    if place + _PIXEL_HEAD > len(data):
        return None
    stream = BytesIO(data)
    stream.seek(place)
    return PlainElements(meta, dataset, stream)


def _end_of_sequence(data: bytes, place: int, vr: str | None, depth: int = DEPTH) -> int | None:
    """Where a sequence of undefined length ends whose items begin at ``place``; ``None`` where it is not plain.

    Raises:
        struct.error: the data ends.
    """
    while vr == "SQ" and depth:
        group, number, length = _ITEM(data, place)
        tag, place = group << 16 | number, place + 8
        if tag == _SEQUENCE_END:
            return place
        if tag != _ITEM_START:
            return None
        end = place + length if length != _UNDEFINED else _end_of_item(data, place, depth)
        if end is None:
            return None
        place = end
    return None


def _end_of_item(data: bytes, place: int, depth: int) -> int | None:
    while True:
        group, number, length = _ITEM(data, place)
        if group << 16 | number == _ITEM_END:
            return place + 8
        _, vr, value, length = _head(data, place)
        end = value + length if length != _UNDEFINED else _end_of_sequence(data, value, vr, depth - 1)
        if vr is None or end is None:
            return None
        place = end
