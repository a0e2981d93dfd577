"""How a dataset is encoded: with or without value representations, in which byte order, deflated or not.

The meta header should say so, and often does not say what is there.  The first element shows it: its group is a small
number in one byte order only, and its value representation is two capital letters, or not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from scanserve.preprocessing.dicom.rejects import FileRejectedError

__all__ = ["ELEMENT_START", "Encoding", "is_deflated"]

#: Bytes of an element that show its encoding: tag and value representation.
ELEMENT_START = 6
#: No element before the pixels is of a later group than theirs.
LAST_GROUP = 0x7FE0


@dataclass(frozen=True)
class Encoding:
    """How the elements of a dataset are written."""

    implicit_vr: bool
    little_endian: bool

    @classmethod
    def of_element(cls, start: bytes) -> Encoding:
        """The encoding of a dataset whose first element begins with ``start``.

        Raises:
            FileRejectedError: code ``unreadable`` where no element of a dataset begins so.
        """
        little, big = (int.from_bytes(start[:2], order) for order in ("little", "big"))
        if not 0 < min(little, big) <= LAST_GROUP:
            raise FileRejectedError("unreadable", "could not be parsed as DICOM")
        if _is_vr(start[4:6]):
            return cls(implicit_vr=False, little_endian=little <= big)
        return cls(implicit_vr=True, little_endian=True)

    @property
    def transfer_syntax(self) -> str:
        """The transfer syntax of uncompressed pixels in such a dataset."""
        if not self.little_endian:
            return str(ExplicitVRBigEndian)
        return str(ImplicitVRLittleEndian if self.implicit_vr else ExplicitVRLittleEndian)


def is_deflated(stated: str, start: bytes) -> bool:
    """Whether a dataset that begins with ``start`` is deflated, as the ``stated`` transfer syntax says.

    A dataset that begins with a plain element is not, whatever is stated.
    """
    plain = start[:2] in (b"\x08\x00", b"\x00\x08") and _is_vr(start[4:6])
    return stated == DeflatedExplicitVRLittleEndian and not plain


def _is_vr(two: bytes) -> bool:
    return len(two) == 2 and two.isalpha() and two.isupper()
