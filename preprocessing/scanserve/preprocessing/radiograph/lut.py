"""Look-up tables of stored or modality values (PS3.3 C.11.1.1.1, C.11.2.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.dicom import Header
from scanserve.preprocessing.radiograph import tags

__all__ = ["Lut", "read_lut"]

#: A descriptor states 0 where a table has so many entries.
_MOST_ENTRIES = 1 << 16
#: Bits that an entry of a table may have.
_BITS = range(8, 17)


@dataclass(frozen=True, eq=False)
class Lut:
    """A table: value ``first`` becomes ``entries[0]``, values outside the nearest entry; entries have ``bits`` bits."""

    first: int
    entries: npt.NDArray[np.uint16]
    bits: int

    def apply(self, values: npt.NDArray) -> npt.NDArray[np.float32]:
        """Values of any shape through the table."""
        at = np.clip(np.rint(values).astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[at].astype(np.float32)


def read_lut(item: Header, *, signed: bool) -> Lut | None:
    """The table of one item of a LUT sequence; None where it is malformed.

    Args:
        item: of the sequence.
        signed: whether the values that it maps are.
    """
    descriptor = item.integers(tags.LUT_DESCRIPTOR, vr="SS" if signed else "US")
    if len(descriptor) != 3 or any(value is None for value in descriptor):
        return None
    count, first, bits = (int(value or 0) for value in descriptor)
    count = (count % _MOST_ENTRIES) or _MOST_ENTRIES
    words = item.integers(tags.LUT_DATA, vr="US")
    entries = np.array([0 if word is None else word for word in words], np.int64) % _MOST_ENTRIES
    if len(entries) == (count + 1) // 2 and bits == _BITS[0]:  # two entries in a word
        entries = np.stack([entries & 0xFF, entries >> 8], axis=1).ravel()
    if len(entries) < count or bits not in _BITS:
        return None
    return Lut(first, entries[:count].astype(np.uint16), bits)
