"""Polylines, with values along them, at equal steps of arc length.

Symbols: N points of a line, M points after resampling, C columns: x, y, z in mm and then any values that
belong to the points, such as a radius.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError

__all__ = ["Array", "arc_length", "mean_step", "resample"]

Array = npt.NDArray[np.float64]

#: Nearer than this to the line's end, a sample is the end itself: far below any spacing, far above rounding.
SAME_POINT_MM = 1e-6


def arc_length(line: npt.ArrayLike) -> Array:
    """Distance of every point from the first one, along the line.

    Args:
        line: (N, C) with x, y, z (mm) first.

    Returns:
        (N,) mm, not decreasing.

    Raises:
        InputError: code ``path-shape``.

    >>> arc_length([[0, 0, 0], [3, 4, 0], [3, 4, 1]]).tolist()
    [0.0, 5.0, 6.0]
    """
    steps = np.linalg.norm(np.diff(_checked(line)[:, :3], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def mean_step(line: npt.ArrayLike) -> float:
    """Mean distance between neighbours, mm; raises like :func:`arc_length`."""
    length = arc_length(line)
    return float(length[-1] / (len(length) - 1))


def resample(line: npt.ArrayLike, spacing_mm: float) -> Array:
    """Samples every ``spacing_mm`` from the first point on, and the last point.

    Args:
        line: (N, C) with x, y, z (mm) first; repeated points are allowed.
        spacing_mm: distance between samples along the line; only the last one may be shorter.

    Returns:
        (M, C), all columns linear between the points.

    Raises:
        InputError: code ``path-shape`` (also for a line without length) or ``step-not-positive``.
    """
    if not spacing_mm > 0:
        raise InputError("step-not-positive", f"spacing_mm must be positive but is {spacing_mm}.")
    line, length = _checked(line), arc_length(line)
    distinct = np.concatenate([[True], np.diff(length) > 0])
    if distinct.sum() < 2:
        raise InputError("path-shape", "a line must have a length but all its points coincide.")
    at = np.arange(0.0, length[-1] - SAME_POINT_MM, spacing_mm)
    at = np.concatenate([at, length[-1:]])
    return np.stack([np.interp(at, length[distinct], column) for column in line[distinct].T], axis=1)


def _checked(line: npt.ArrayLike) -> Array:
    line = np.asarray(line, dtype=np.float64)
    if line.ndim != 2 or line.shape[0] < 2 or line.shape[1] < 3:
        raise InputError("path-shape", f"a line must be (N, 3 or more) with N >= 2 but is {line.shape}.")
    if not np.all(np.isfinite(line)):
        raise InputError("path-shape", "a line must be finite but holds NaN or infinity.")
    return line
