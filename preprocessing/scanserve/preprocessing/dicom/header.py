"""Tolerant access to a DICOM header: raw element bytes to plain Python values, never an exception.

pydicom keeps elements as raw bytes until they are asked for; reading those bytes directly is faster than
converting them and does not trip over the invalid values that real files hold (empty numbers, text in
a UID, a window width of 0).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset

__all__ = ["Elements", "elements", "integer", "integers", "item", "number", "numbers", "text", "texts"]

#: How a sequence may be written: as one, of unknown kind, or without saying (implicit VR).
_SEQUENCE_VRS = ("SQ", "UN", None)
_BINARY = {
    "US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d",
}  # fmt: skip


#: The elements of one dataset by tag; plain integers, because pydicom's tags are slow to look up.
Elements = dict[int, RawDataElement | DataElement]


def elements(*datasets: Dataset) -> Elements:
    """The elements of ``datasets`` (a file's meta header and its dataset, say), raw where they still are."""
    return {int(element.tag): element for dataset in datasets for element in dataset.values()}


def text(header: Elements, tag: int) -> str:
    """The element as stripped text; several values stay joined by a backslash; ``""`` where absent."""
    value = _value(header, tag)
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1").strip(" \0")
    if isinstance(value, str) or not isinstance(value, Sequence):
        return str(value).strip(" \0")
    return "\\".join(str(part).strip() for part in value)


def texts(header: Elements, tag: int) -> tuple[str, ...]:
    """The values of a text element, stripped."""
    whole = text(header, tag)
    return tuple(part.strip() for part in whole.split("\\")) if whole else ()


def numbers(header: Elements, tag: int, vr: str = "DS") -> tuple[float | None, ...]:
    """The values of a numeric element; ``None`` for each that is empty or no finite number.

    ``vr`` is the value representation that the element has where the file does not say (implicit VR).
    """
    raw = _raw(header, tag)
    if raw is not None:
        vr = vr if raw.VR in (None, "UN") else raw.VR
        if vr in _BINARY:
            return _unpack(raw, _BINARY[vr])
    return tuple(_finite(part) for part in texts(header, tag))


def number(header: Elements, tag: int, vr: str = "DS") -> float | None:
    """The first value of a numeric element, or ``None``."""
    return next(iter(numbers(header, tag, vr)), None)


def integers(header: Elements, tag: int, vr: str = "US") -> tuple[int | None, ...]:
    """As :func:`numbers`, rounded to integers."""
    return tuple(None if value is None else round(value) for value in numbers(header, tag, vr))


def integer(header: Elements, tag: int, vr: str = "US") -> int | None:
    """The first value of an integer element, or ``None``."""
    return next(iter(integers(header, tag, vr)), None)


def item(header: Elements, tag: int, index: int = 0) -> Elements | None:
    """Item ``index`` of a sequence element, or ``None`` where it is absent or malformed."""
    try:
        element = header[tag]
        if isinstance(element, RawDataElement) and element.VR in _SEQUENCE_VRS:
            header[tag] = element = convert_raw_data_element(element)
        found = element.value[index]  # type: ignore[index]
        return elements(found) if isinstance(found, Dataset) else None
    except Exception:  # a malformed sequence raises anything, and counts as absent
        return None


def _raw(header: Elements, tag: int) -> RawDataElement | None:
    element = header.get(tag)
    return element if isinstance(element, RawDataElement) else None


def _value(header: Elements, tag: int) -> object:
    element = header.get(tag)
    return None if element is None else element.value


def _unpack(raw: RawDataElement, code: str) -> tuple[float | None, ...]:
    data = raw.value or b""
    size = struct.calcsize(code)
    order = "<" if raw.is_little_endian else ">"
    count = len(data) // size
    values = struct.unpack(f"{order}{count}{code}", data[: count * size])
    return tuple(value if math.isfinite(value) else None for value in values)


def _finite(part: str) -> float | None:
    try:
        value = float(part.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
