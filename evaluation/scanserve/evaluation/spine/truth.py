"""The layout of ``truth.json``, the truth of a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import Field

from scanserve.contracts.spine import POINTS, TRUTH_KIND, TRUTH_VERSION
from scanserve.evaluation.records import TruthRecord, read_truth_of
from scanserve.geometry.types import Array

__all__ = ["Truth", "read_truth"]


class Truth(TruthRecord):
    """The truth of a film: the places of its 68 corners in pixels ``(x, y)``, and which it does not show."""

    rows: int = Field(gt=0)
    columns: int = Field(gt=0)
    pixel_mm: float | None = Field(default=None, gt=0)
    points: list[tuple[float, float]] = Field(min_length=POINTS, max_length=POINTS)
    outside: list[bool] = Field(min_length=POINTS, max_length=POINTS)

    @property
    def places(self) -> Array:
        """The points (68, 2)."""
        return np.array(self.points)

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """Whether the film shows each point, (68,)."""
        return ~np.array(self.outside)


def read_truth(path: Path) -> Truth:
    """Read a truth.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth`` or ``truth-version``.
    """
    return read_truth_of(path, Truth, TRUTH_KIND, TRUTH_VERSION)
