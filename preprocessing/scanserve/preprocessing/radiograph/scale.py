"""How large a pixel of a film is, and whether it is square.

Angles need the ratio alone.  PixelSpacing is the size in the patient where somebody calibrated it; ImagerPixelSpacing
is the size at the detector, where everything is magnified (PS3.3 10.7.1.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scanserve.preprocessing.dicom import FileRejectedError, Header, length_mm
from scanserve.preprocessing.dicom import tags as image_tags
from scanserve.preprocessing.radiograph import tags

__all__ = ["Scale", "Source", "read_scale"]

#: Distances that differ by this share state one ratio: they are rounded by who writes them.
SAME_RATIO = 0.005

#: Where the size of a pixel comes from.
Source = Literal["patient", "detector", "scanner", "ratio", "caller", "standard"]
#: In the order of preference; sizes in the patient are stated by PixelSpacing.
_SPACINGS: tuple[tuple[int, Source], ...] = (
    (image_tags.PIXEL_SPACING, "patient"),
    (tags.IMAGER_PIXEL_SPACING, "detector"),
    (tags.NOMINAL_SCANNED_PIXEL_SPACING, "scanner"),
)


@dataclass(frozen=True)
class Scale:
    """The size of a pixel.

    Attributes:
        rows, columns: distance between rows and between columns; mm where ``in_mm``, else only their ratio is known.
        source: where that comes from.  ``standard``: nothing is stated, and pixels are square by the standard.
    """

    rows: float
    columns: float
    source: Source

    @property
    def in_mm(self) -> bool:
        """Whether the distances are in mm."""
        return self.source in ("patient", "detector", "scanner")

    @property
    def pixel(self) -> tuple[float, float]:
        """Distance between rows, and between columns."""
        return self.rows, self.columns


def read_scale(header: Header) -> Scale | None:
    """The scale that a header states; None where it states nothing.

    Raises:
        FileRejectedError: code ``no-pixel-aspect`` where what it states is no size, or contradicts itself.
    """
    found = [
        Scale(*_pair(header.numbers(attribute)), source)
        for attribute, source in _SPACINGS
        if header.text(attribute) or header.numbers(attribute)
    ]
    if header.text(tags.PIXEL_ASPECT_RATIO):
        found.append(Scale(*_pair(header.numbers(tags.PIXEL_ASPECT_RATIO)), "ratio"))
    ratios = [scale.rows / scale.columns for scale in found]
    if ratios and max(ratios) > min(ratios) * (1 + SAME_RATIO):
        raise FileRejectedError("no-pixel-aspect", "state two different shapes of a pixel")
    return _calibrated(found[0], found[1:]) if found else None


def _calibrated(first: Scale, others: Sequence[Scale]) -> Scale:
    """PixelSpacing that equals ImagerPixelSpacing was never calibrated (PS3.3 10.7.1.3)."""
    detector = next((scale for scale in others if scale.source == "detector"), None)
    same = detector is not None and abs(first.rows / detector.rows - 1) <= SAME_RATIO
    return Scale(first.rows, first.columns, "detector") if same else first


def _pair(values: Sequence[float | None]) -> tuple[float, float]:
    lengths = [length_mm(value) for value in values]
    if len(lengths) != 2 or not all(length is not None and length > 0 for length in lengths):
        raise FileRejectedError("no-pixel-aspect", "state a size or a shape of a pixel that is none")
    return lengths[0], lengths[1]  # type: ignore[return-value]
