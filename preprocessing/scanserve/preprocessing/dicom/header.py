"""Tolerant access to a DICOM header: raw element bytes to plain Python values, never an exception.

pydicom keeps elements as raw bytes until they are asked for; reading those bytes directly is faster than
converting them and does not trip over the invalid values that real files hold (empty numbers, text in
a UID, a window width of 0).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence

from scanserve.preprocessing.dicom.charset import decoded
from scanserve.preprocessing.dicom.tags import SPECIFIC_CHARACTER_SET, standard_vr

__all__ = ["Header"]

#: Value representations under which a sequence may be written: unknown, or none at all (implicit VR).
_SEQUENCE_VRS = ("SQ", "UN", None)
#: Value representations of words and bytes of whatever kind.
_WORDS = ("OW", "OB")
#: Values up to this length, bytes, are remembered, and so many of them.
SHORT, REMEMBERED = 64, 1 << 14
#: Value representations of binary numbers, as :mod:`struct` names them.
_BINARY_CODES = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d"}


class Header:
    """The elements of a file, or of one item of a sequence, by tag.

    A tag is a plain integer (see :mod:`~scanserve.preprocessing.dicom.tags`), because pydicom's own are slow
    to look up.  ``Header()`` holds nothing.

    Args:
        datasets: what to take elements from, raw where they still are: a file's meta header and its dataset, say.
        character_sets: those of the text where ``datasets`` state none, as items of a sequence need not.
    """

    __slots__ = ("_character_sets", "_elements")

    def __init__(
        self, *datasets: Dataset | Mapping[int, RawDataElement], character_sets: tuple[str, ...] = ()
    ) -> None:
        self._elements: dict[int, RawDataElement | DataElement] = {
            int(element.tag): element for dataset in datasets for element in dataset.values()
        }
        self._character_sets = character_sets
        if SPECIFIC_CHARACTER_SET in self._elements:
            stated = self.text(SPECIFIC_CHARACTER_SET)
            self._character_sets = tuple(part.strip() for part in stated.split("\\"))

    def __contains__(self, tag: int) -> bool:
        return tag in self._elements

    def __iter__(self) -> Iterator[int]:
        """The tags of all elements."""
        return iter(list(self._elements))

    @property
    def character_sets(self) -> tuple[str, ...]:
        """The values of SpecificCharacterSet."""
        return self._character_sets

    def text(self, tag: int) -> str:
        """The element as stripped text, by the file's character set; ``""`` where absent.

        Several values stay joined by a backslash.
        """
        element = self._elements.get(tag)
        value = None if element is None else element.value
        if value is None:
            return ""
        if isinstance(value, bytes):
            read = _read_short if len(value) <= SHORT else _read_text
            return read(value, self._character_sets)
        if isinstance(value, str) or not isinstance(value, Sequence):
            return str(value).strip(" \0")
        return "\\".join(str(part).strip() for part in value)

    def texts(self, tag: int) -> tuple[str, ...]:
        """The values of a text element, stripped."""
        whole = self.text(tag)
        return tuple(part.strip() for part in whole.split("\\")) if whole else ()

    def numbers(self, tag: int, *, vr: str | None = None) -> tuple[float | None, ...]:
        """The values of a numeric element; ``None`` for each that is empty or no finite number.

        ``vr`` is the value representation where the file does not say it (implicit VR, or words of any kind): the
        standard's, unless the standard leaves the choice to the file.
        """
        element = self._elements.get(tag)
        if isinstance(element, RawDataElement):
            unsaid = element.VR in (None, "UN") or (vr is not None and element.VR in _WORDS)
            stated = (vr or standard_vr(tag)) if unsaid else element.VR
            if stated in _BINARY_CODES:
                order = "<" if element.is_little_endian else ">"
                unpack = _unpack_short if element.length <= SHORT else _unpack
                return unpack(element.value or b"", order + _BINARY_CODES[stated])
        text = self.text(tag)
        return (_numbers_in if len(text) <= SHORT else _numbers_of)(text)

    def number(self, tag: int, *, vr: str | None = None) -> float | None:
        """The first value of a numeric element, or ``None``."""
        return next(iter(self.numbers(tag, vr=vr)), None)

    def integers(self, tag: int, *, vr: str | None = None) -> tuple[int | None, ...]:
        """As :meth:`numbers`, rounded to integers."""
        return tuple(None if value is None else round(value) for value in self.numbers(tag, vr=vr))

    def integer(self, tag: int, *, vr: str | None = None) -> int | None:
        """The first value of an integer element, or ``None``."""
        return next(iter(self.integers(tag, vr=vr)), None)

    def item(self, tag: int, index: int = 0) -> Header | None:
        """Item ``index`` of a sequence element, or ``None`` where it is absent or malformed."""
        items = self._items(tag)
        return Header(items[index], character_sets=self._character_sets) if index < len(items) else None

    def count(self, tag: int) -> int:
        """How many items a sequence element holds; 0 where it is absent or malformed."""
        return len(self._items(tag))

    def _items(self, tag: int) -> Sequence[Dataset]:
        element = self._elements.get(tag)
        if element is None:
            return ()
        try:
            if isinstance(element, RawDataElement) and element.VR in _SEQUENCE_VRS:
                self._elements[tag] = element = convert_raw_data_element(element)
            items = element.value
            return items if isinstance(items, DicomSequence) else ()
        except Exception:  # a malformed sequence raises anything, and counts as absent
            return ()


def _read_text(value: bytes, character_sets: tuple[str, ...]) -> str:
    return decoded(value, character_sets).strip(" \0")


def _numbers_of(text: str) -> tuple[float | None, ...]:
    return tuple(_finite(part.strip()) for part in text.split("\\")) if text else ()


def _unpack(data: bytes, code: str) -> tuple[float | None, ...]:
    size = struct.calcsize(code)
    count = len(data) // size
    values = struct.unpack(f"{code[0]}{count}{code[1]}", data[: count * size])
    return tuple(value if math.isfinite(value) else None for value in values)


def _finite(part: str) -> float | None:
    if "_" in part:  # which Python takes for a part of a number
        return None
    try:
        value = float(part.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


#: What the slices of a series state alike is understood once.
_read_short = lru_cache(REMEMBERED)(_read_text)
_numbers_in = lru_cache(REMEMBERED)(_numbers_of)
_unpack_short = lru_cache(REMEMBERED)(_unpack)
