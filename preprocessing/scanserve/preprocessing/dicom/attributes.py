"""Attributes that the header of every image states alike, checked where an image is of no use without them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from scanserve.preprocessing.dicom import tags
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.rejects import FileRejectedError

__all__ = [
    "Orientation",
    "Position",
    "length_mm",
    "matrix",
    "orientation",
    "pixel_spacing",
    "position",
    "sop_uid",
]

#: Distances between pixels or slices are at most so large, and places so far from the origin, in mm.
MOST_SPACING_MM, MOST_PLACE_MM = 1000.0, 100_000.0
#: Direction cosines are rounded by who writes them; vectors further from unit length, or from a right angle, are none.
COSINE_TOLERANCE = 0.05

#: Direction cosines of a row, then of a column (PS3.3 C.7.6.2.1.1).
Orientation = tuple[float, float, float, float, float, float]
#: ``(x, y, z)``, mm, LPS.
Position = tuple[float, float, float]


def sop_uid(header: Header) -> str:
    """The instance UID, from the meta header where the dataset has none; ``""`` where both have none."""
    return header.text(tags.SOP_INSTANCE_UID) or header.text(tags.MEDIA_STORAGE_SOP_INSTANCE_UID)


def matrix(header: Header) -> tuple[int, int]:
    """Rows and columns, in pixels."""
    return header.integer(tags.ROWS) or 0, header.integer(tags.COLUMNS) or 0


def pixel_spacing(values: Sequence[float | None]) -> tuple[float, float]:
    """The values of PixelSpacing: ``(between rows, between columns)``, mm, both > 0.

    Raises:
        FileRejectedError: code ``no-geometry``.
    """
    lengths = [length_mm(value) for value in values]
    if len(lengths) != 2 or not all(length is not None and length > 0 for length in lengths):
        raise FileRejectedError("no-geometry", "do not say their pixel spacing")
    return lengths[0], lengths[1]  # type: ignore[return-value]


def length_mm(value: float | None) -> float | None:
    """A distance as it is stated, with its sign, or ``None`` where it is 0 or beyond all that can be."""
    return value if value and abs(value) <= MOST_SPACING_MM else None


def orientation(values: Sequence[float | None]) -> Orientation | None:
    """The values of ImageOrientationPatient, or ``None`` where they are not two directions at a right angle."""
    return _orientation(tuple(values))


@lru_cache(maxsize=1024)
def _orientation(values: tuple[float | None, ...]) -> Orientation | None:
    if len(values) != 6 or any(value is None for value in values):
        return None
    known = np.array(values, np.float64).reshape(2, 3)
    if np.abs(known).max() > 1 + COSINE_TOLERANCE:
        return None
    if np.abs(known @ known.T - np.eye(2)).max() > COSINE_TOLERANCE:
        return None
    return tuple(values)  # type: ignore[return-value]


def position(values: Sequence[float | None]) -> Position | None:
    """The values of ImagePositionPatient, or ``None`` where they are not three numbers of a place in a room."""
    if len(values) != 3 or any(value is None or abs(value) > MOST_PLACE_MM for value in values):
        return None
    return tuple(values)  # type: ignore[return-value]
