"""Errors of points after the clicks of a reader, who fixes the worst point each time.

Symbols: P points that the film shows, C clicks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanserve.geometry.keypoints import radial_errors
from scanserve.geometry.types import Array

__all__ = ["clicks_to", "manual_errors", "model_errors"]

Mask = npt.NDArray[np.bool_]


def model_errors(found: Array, truth: Array, seen: Mask, fixed: Sequence[int]) -> Array:
    """Mean errors (C + 1,) of points (C + 1, 68, 2) that the network found again after each click.

    Args:
        found: before the first click, and after each.
        truth: (68, 2).
        seen: (68,), which points count.
        fixed: the points that were fixed, in order; they count as the truth.
    """
    means = []
    for clicks, points in enumerate(found):
        errors = radial_errors(points, truth)
        errors[list(fixed[:clicks])] = 0
        means.append(errors[seen].mean())
    return np.array(means)


def manual_errors(found: Array, truth: Array, seen: Mask, clicks: int) -> Array:
    """Mean errors (C + 1,) if each click fixes the worst point (68, 2) and moves no other.

    >>> manual_errors(np.array([[3.0, 0], [1, 0]]), np.zeros((2, 2)), np.array([True, True]), 2).tolist()
    [2.0, 0.5, 0.0]
    """
    errors = np.sort(radial_errors(found, truth)[seen])
    left = np.append(np.cumsum(errors)[::-1], 0.0) / len(errors)
    return left[np.minimum(np.arange(clicks + 1), len(errors))]


def clicks_to(errors: Array, bound: float, most: int) -> int:
    """Clicks until the mean error is at most ``bound``; ``most`` if it never is.

    >>> clicks_to(np.array([30.0, 25.0, 19.0]), 20, 10), clicks_to(np.array([30.0, 25.0]), 20, 10)
    (2, 10)
    """
    reached = np.flatnonzero(errors[: most + 1] <= bound)
    return int(reached[0]) if len(reached) else most
