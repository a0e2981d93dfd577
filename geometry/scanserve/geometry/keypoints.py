"""Measures of ordered keypoints of a stack of similar bodies, such as the corners of vertebrae.

Symbols: K points, B bodies of C points each (K = B C).  Points are ``(x, y)`` in any unit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_LEVELS", "level_shift", "mirrored", "radial_errors"]

Float = npt.NDArray[np.float64]

#: The largest displacement along the stack that is looked for, in bodies.
MOST_LEVELS = 3


def radial_errors(found: npt.ArrayLike, truth: npt.ArrayLike) -> Float:
    """Distances (K,) of points (K, 2) from the true ones.

    >>> radial_errors([[3, 4]], [[0, 0]]).tolist()
    [5.0]
    """
    return np.linalg.norm(np.asarray(found, float) - np.asarray(truth, float), axis=-1)


def level_shift(found: npt.ArrayLike, truth: npt.ArrayLike, corners: int = 4) -> int:
    """By how many bodies the found points are displaced along the stack: 0 if each body is where it should be.

    The displacement is the one that brings the centres of the bodies nearest to true centres, on average.
    Positive: the points lie further along the stack than they should.  Points that are NaN are left out.
    """
    centres, true = (
        np.asarray(points, float).reshape(-1, corners, 2).mean(axis=1) for points in (found, truth)
    )
    shifts = sorted(range(-MOST_LEVELS, MOST_LEVELS + 1), key=abs)
    return min(shifts, key=lambda shift: _distance(centres, true, shift))


def mirrored(points: npt.ArrayLike, width: float) -> Float:
    """Points (K, 2) of an image of ``width`` after a mirroring left to right, again in the order as seen.

    Each body has its corners in the order top-left, top-right, bottom-left, bottom-right.

    >>> mirrored([[0, 0], [3, 0], [0, 5], [3, 5]], 4).tolist()
    [[0.0, 0.0], [3.0, 0.0], [0.0, 5.0], [3.0, 5.0]]
    """
    pairs = np.asarray(points, float).reshape(-1, 2, 2)[:, ::-1].reshape(-1, 2)
    return np.column_stack([width - 1 - pairs[:, 0], pairs[:, 1]])


def _distance(centres: Float, true: Float, shift: int) -> float:
    """Median distance of the centres from the true centres ``shift`` places further along."""
    count = len(centres)
    mine, theirs = (
        centres[max(0, -shift) : count - max(0, shift)],
        true[max(0, shift) : count + min(0, shift)],
    )
    distances = np.linalg.norm(mine - theirs, axis=1)
    return float(np.nanmedian(distances)) if np.isfinite(distances).any() else float("inf")
