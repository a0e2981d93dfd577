"""Attributes that the header of every image states alike, checked where an image is of no use without them."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.preprocessing.dicom import tags
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.rejects import FileRejectedError

__all__ = ["Orientation", "matrix", "orientation", "pixel_spacing", "sop_uid"]

#: Direction cosines of a row, then of a column (PS3.3 C.7.6.2.1.1).
Orientation = tuple[float, float, float, float, float, float]


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
    if len(values) != 2 or not all(value and value > 0 for value in values):
        raise FileRejectedError("no-geometry", "do not say their pixel spacing")
    return values[0], values[1]  # type: ignore[return-value]


def orientation(values: Sequence[float | None]) -> Orientation | None:
    """The values of ImageOrientationPatient, or ``None`` where they are not six numbers."""
    if len(values) != 6 or any(value is None for value in values):
        return None
    return tuple(values)  # type: ignore[return-value]
