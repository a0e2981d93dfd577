"""Text of a DICOM file by its SpecificCharacterSet (PS3.3 C.12.1.1.2, PS3.5 6.1.2), never an exception.

Declared sets are believed as far as the bytes agree with them, and escape sequences even where no set is declared,
because they name the set themselves.  Bytes that do not agree are tried as UTF-8, which hardly any other text
resembles, and read as Latin-1 at last: every byte is some letter then, and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydicom.charset import CODES_TO_ENCODINGS, handled_encodings, python_encoding

__all__ = ["decoded"]

_ESCAPE = b"\x1b"
#: Parts of a text that each start with an escape sequence, and the part before the first of them.
_PARTS = re.compile(rb"^[^\x1b]+|\x1b[^\x1b]*")
#: Escape sequences to double-byte sets of more than 94 characters have four bytes, all others three.
_FOUR_BYTES = (b"\x1b$(", b"\x1b$)")
#: What ends the reach of an escape sequence to a single-byte set: the end of a value or of a line.
_RESETS = re.compile(rb"[\\\r\n\f\t]")
_DEFAULT = "latin-1"
#: Sets that declare nothing beyond ASCII.
_ASCII = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"})


def decoded(value: bytes, character_sets: Sequence[str]) -> str:
    """The text of ``value``.

    Args:
        value: as it stands in the file; several values may be joined by backslashes.
        character_sets: the values of SpecificCharacterSet, or none.

    Example:
        >>> decoded(b"\\xb3\\xd1\\xdb\\xc5", ["ISO_IR 144"]), decoded("früh".encode(), [])
        ('ГблХ', 'früh')
    """
    if _ESCAPE not in value and value.isascii():
        return value.decode("ascii")
    first = _encoding(character_sets[0]) if character_sets else None
    for encoding in (first, "utf-8"):
        try:
            if _ESCAPE in value:
                return "".join(_parts(value, encoding or _DEFAULT))
            if encoding:
                return value.decode(encoding)
        except (LookupError, UnicodeDecodeError):  # an unknown set, or bytes that are none of its characters
            continue
    return value.decode(_DEFAULT)


def _encoding(character_set: str) -> str | None:
    """Python's name of a set beyond ASCII; ``None`` for ASCII and for sets that are not known."""
    return None if character_set in _ASCII else python_encoding.get(character_set)


def _parts(value: bytes, first: str) -> Iterator[str]:
    """The parts of a text with escape sequences; ``first`` is the encoding where none is in force.

    Raises:
        LookupError: an unknown escape sequence.
        UnicodeDecodeError: bytes that are no characters of their set.
    """
    for part in _PARTS.findall(value):
        if not part.startswith(_ESCAPE):
            yield part.decode(first)
            continue
        sequence = part[: 4 if part.startswith(_FOUR_BYTES) else 3]
        encoding = CODES_TO_ENCODINGS[sequence]
        if encoding in handled_encodings:  # Python's codec knows the sequence
            yield part.decode(encoding)
            continue
        rest = part[len(sequence) :]
        reset = _RESETS.search(rest)
        end = reset.start() if reset else len(rest)
        yield rest[:end].decode(encoding) + rest[end:].decode(first)
