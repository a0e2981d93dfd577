"""Striatal binding ratios, their change by a restoration, and the grade that follows from them.

Symbols: S the four structures in the order of ``STRUCTURES``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from scanserve.evaluation.dat.truth import STRUCTURES, Mask
from scanserve.geometry.types import Array

__all__ = ["BOUND", "GRADES", "LEAST_PIXELS", "binding", "grade_of", "ratio_change"]

#: From normal to worst (Benamer et al., Movement Disorders 15 (2000) 503-510).
GRADES = ("normal", "asymmetric", "bilateral putamen", "severe")
#: A structure with fewer pixels in the slices is not measured.
LEAST_PIXELS = 10
#: Relative change of the ratio of structure to background that is tolerated; more is over-smoothing or -enhancement.
BOUND = 0.10
#: Binding ratio below which a putamen, or a caudate, counts as lost.  Midway between the grades in the 25-minute images
#: of 30 phantoms of the training seeds, where the grades do not overlap.
PUTAMEN_LOST, CAUDATE_LOST = 1.65, 1.2


def binding(counts: npt.NDArray, masks: Mapping[str, Mask]) -> Array:
    """The mean counts (S,) of each structure over those of the occipital cortex, minus 1; NaN if not measured.

    Args:
        counts: ``[slice, row, column]``, all slices on one scale.
        masks: masks of the same shape, for STRUCTURES and ``background``.
    """
    background = masks["background"]
    reference = _mean(counts, background)
    means = [_mean(counts, masks[name]) for name in STRUCTURES]
    return np.array([mean / reference - 1 if reference > 0 else np.nan for mean in means])


def ratio_change(before: Array, after: Array) -> Array:
    """The relative change (S,) of the ratio of structure to background, which is the binding ratio plus 1."""
    change: Array = (after + 1.0) / (before + 1.0) - 1.0
    return change


def grade_of(ratios: Array) -> int | None:
    """The grade, 0 to 3, that follows from binding ratios (S,); None if one was not measured."""
    if not np.isfinite(ratios).all():
        return None
    of = dict(zip(STRUCTURES, ratios.tolist(), strict=True))
    lost = [of[f"putamen_{side}"] < PUTAMEN_LOST for side in ("right", "left")]
    if all(lost) and all(of[f"caudate_{side}"] < CAUDATE_LOST for side in ("right", "left")):
        return 3
    return sum(lost)


def _mean(counts: npt.NDArray, mask: Mask) -> float:
    return float(counts[mask].mean()) if mask.sum() >= LEAST_PIXELS else float("nan")
