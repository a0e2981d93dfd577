"""Stored values of a tomogram as counts.

Filtered back-projection leaves small negative values around what is hot.  They mean nothing, and readers of nuclear
images take them for no counts; large ones say that the values are no counts at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import Pixels
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.nm.scale import Scale

__all__ = ["Counts", "to_counts"]

#: Negative values of a reconstruction reach at most this share of its greatest count.
NEGATIVE_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts, float32 ``[frame, row, column]``, all >= 0 and some > 0; and what was done to them."""

    values: npt.NDArray[np.float32]
    findings: tuple[Finding, ...] = ()


def to_counts(stored: Pixels, scale: Scale) -> Counts:
    """Counts of stored values ``[frame, row, column]``.

    Raises:
        StudyError: code ``negative-counts`` or ``no-counts``.
    """
    values = (stored * scale.slope + scale.intercept).astype(np.float32)
    least, greatest = float(values.min()), float(values.max())
    if least < -NEGATIVE_SHARE * max(greatest, 0):
        raise StudyError(
            "negative-counts",
            f"counts must not be negative, beyond {NEGATIVE_SHARE:.0%} of the greatest as filters leave them, but the "
            f"least is {least:g} and the greatest {greatest:g}.",
        )
    if not greatest > 0:
        raise StudyError("no-counts", "the images must hold counts but every pixel is 0.")
    if least >= 0:
        return Counts(values)
    message = (
        f"{(values < 0).mean():.1%} of the pixels are negative, down to {-least / greatest:.1%} of the greatest count, "
        "as a filter leaves them; they are taken to be 0."
    )
    return Counts(np.maximum(values, 0), (Finding("negative-counts-zeroed", message),))
