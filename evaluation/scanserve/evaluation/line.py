"""Polylines with values along them: what centerlines are compared as.

Symbols: N points of a line, M points after resampling, C columns: x, y, z in mm and then any values that
belong to the points, such as a radius.
"""

from __future__ import annotations

import numpy.typing as npt

from scanserve.geometry.path import arc_length, mean_step, resample_path
from scanserve.geometry.types import Array

__all__ = ["Array", "arc_length", "mean_step", "resample"]


def resample(line: npt.ArrayLike, spacing_mm: float) -> Array:
    """Samples every ``spacing_mm`` from the first point on, and the last point.

    Args:
        line: (N, C) with x, y, z (mm) first; repeated points are allowed.
        spacing_mm: distance between samples along the line; only the last one may be shorter.

    Returns:
        (M, C), all columns linear between the points.

    Raises:
        InputError: codes ``path-shape``, ``path-too-short`` (no length) and ``step-not-positive``.

    >>> resample([[0, 0, 0, 1], [3, 0, 0, 4]], 2.0).tolist()
    [[0.0, 0.0, 0.0, 1.0], [2.0, 0.0, 0.0, 3.0], [3.0, 0.0, 0.0, 4.0]]
    """
    return resample_path(line, spacing_mm, end="keep")
