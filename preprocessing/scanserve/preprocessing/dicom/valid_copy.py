"""A header of which every value is valid: what is read tolerantly must not be written on as it is.

Values are read as everywhere (:class:`~scanserve.preprocessing.dicom.header.Header`): a decimal comma becomes a point,
text becomes letters by its character set.  What is no value of its kind then (NaN, text in a number, a date with
dashes) is left out, with all that is private, binary, or of overlays.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence

from pydicom.charset import python_encoding
from pydicom.config import RAISE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.valuerep import format_number_as_ds, validate_value

from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.tags import SPECIFIC_CHARACTER_SET, standard_vr

__all__ = ["UNICODE", "set_character_set", "shortened", "valid_copy"]

#: The character set that has every letter.
UNICODE = "ISO_IR 192"
#: Groups of a header: those before are of messages and of the meta header, those after of overlays and pixels.
_GROUPS = range(8, 0x5000)
#: Value representations of text by character set, with the greatest number of bytes, and whether of one value.
_TEXT = {
    "LO": (64, False),
    "SH": (16, False),
    "PN": (64, False),
    "UC": (10_240, False),
    "ST": (1024, True),
    "LT": (10_240, True),
    "UT": (10_240, True),
}
#: Value representations of plain strings, and of binary numbers.
_STRINGS = frozenset({"AE", "AS", "CS", "DA", "DT", "TM", "UI", "UR"})
_INTEGERS, _FLOATS = frozenset({"US", "SS", "UL", "SL"}), frozenset({"FL", "FD"})
_LARGEST = 2**31 - 1
#: Sequences in sequences that are followed.
_DEPTH = 20


def valid_copy(header: Header, depth: int = 0) -> Dataset:
    """The valid elements of ``header``, without SpecificCharacterSet: see :func:`set_character_set`."""
    copy = Dataset()
    for tag in header:
        vr = _vr(tag)
        if vr is None:
            continue
        try:
            value = _value(header, tag, vr, depth)
            copy.add(DataElement(tag, vr, value, validation_mode=RAISE))
        except (ValueError, TypeError, OverflowError):  # no value of its kind
            continue
    return copy


def set_character_set(dataset: Dataset, preferred: Sequence[str] = ()) -> None:
    """State the character set by which all text of ``dataset`` can be written: none for plain ASCII.

    Args:
        dataset: of which items of sequences state none of their own.
        preferred: the character sets of the source, of which one that is alone is kept where it will do.
    """
    texts = "".join(_texts(dataset))
    if texts.isascii():
        dataset.pop("SpecificCharacterSet", None)
        return
    encoding = python_encoding.get(preferred[0]) if len(preferred) == 1 else None
    dataset.SpecificCharacterSet = preferred[0] if encoding and _fits(texts, encoding) else UNICODE


def shortened(text: str, longest: int) -> str:
    """``text`` in at most so many bytes, whichever character set it is written in: readers count bytes, and letters."""
    return text.encode()[:longest].decode(errors="ignore")


def _vr(tag: int) -> str | None:
    """The value representation that the standard gives an element; ``None`` where it is not copied."""
    group, element = divmod(tag, 1 << 16)
    if group not in _GROUPS or group % 2 or not element or tag == SPECIFIC_CHARACTER_SET:
        return None
    try:
        return standard_vr(tag)
    except KeyError:
        return None


def _value(header: Header, tag: int, vr: str, depth: int) -> object:
    """The value of an element.

    Raises:
        OverflowError: it is too large for that value representation.
        ValueError: it is none of that value representation, or of one that is not copied.
    """
    if vr == "SQ":
        if depth >= _DEPTH:
            raise ValueError("too deep")
        items = (header.item(tag, index) for index in range(header.count(tag)))
        copies = [valid_copy(item, depth + 1) for item in items if item is not None]
        return DicomSequence([copy for copy in copies if len(copy)])
    if vr in _TEXT:
        return _text(header, tag, *_TEXT[vr])
    if vr in _STRINGS:
        return _checked(vr, _strings(header, tag, vr))
    if vr in ("DS", "IS") or vr in _INTEGERS or vr in _FLOATS:
        return _checked(vr, [_number(value, vr) for value in header.numbers(tag)])
    raise ValueError("not copied")


def _strings(header: Header, tag: int, vr: str) -> list[str]:
    """The values of an element of plain strings.

    Raises:
        ValueError: it holds several values where its value representation has one.
    """
    texts = list(header.texts(tag))
    if vr == "UR" and len(texts) > 1:
        raise ValueError("several values in one")
    return texts


def _text(header: Header, tag: int, longest: int, single: bool) -> object:
    """The text of an element; blanks at its end mean nothing in DICOM, and a writer pads with them."""
    texts = [header.text(tag)] if single else header.texts(tag)
    kept = [shortened("".join(filter(_is_letter, text)), longest).rstrip(" ") for text in texts]
    return kept[0] if len(kept) == 1 else kept or None


def _is_letter(character: str) -> bool:
    return character.isprintable() and character != "\\"


def _number(value: float | None, vr: str) -> object:
    if value is None or not math.isfinite(value):
        raise ValueError("not a number")
    if vr == "FL":  # a header may state it with more digits, or a larger one, than it holds
        return struct.unpack("<f", struct.pack("<f", value))[0]
    if vr == "FD":
        return value
    if vr == "DS":
        return format_number_as_ds(float(value))
    if value != int(value) or (vr == "IS" and abs(value) > _LARGEST):
        raise ValueError("not an integer")
    return str(int(value)) if vr == "IS" else int(value)


def _checked(vr: str, values: list) -> object:
    for value in values:
        validate_value(vr, value, RAISE)
    return values[0] if len(values) == 1 else values or None


def _texts(dataset: Dataset) -> Iterator[str]:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from _texts(item)
        elif element.VR in _TEXT and element.value is not None:
            values = element.value if element.VM > 1 else [element.value]
            yield from map(str, values)


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
