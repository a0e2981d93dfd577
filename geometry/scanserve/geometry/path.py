"""Polylines in physical space: length, resampling, tangents and smoothing.

Symbols: N points of a polyline, M points after resampling, C columns: ``x``, ``y``, ``z`` (mm, LPS), followed by any
values at the points, such as a radius.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import solveh_banded

from scanserve.contracts import InputError
from scanserve.geometry.types import Array

__all__ = [
    "arc_length",
    "mean_step",
    "path_length",
    "resample_path",
    "sample_path",
    "smooth_path",
    "tangents",
]

#: Points closer than this coincide: far below any voxel size, far above rounding at 1e3 mm.
SAME_POINT_MM = 1e-6
#: The last step may exceed the path by this much: rounding of a sum of steps.
LAST_STEP_MM = 1e-9
#: The weight of a pinned end relative to a free point: it stays in place within rounding.
PIN_WEIGHT = 1e8


def arc_length(points: npt.ArrayLike) -> Array:
    """Distance along a polyline from its first point.

    Args:
        points: (N, C) mm, N >= 2.

    Returns:
        (N,) mm, from 0, non-decreasing.

    Raises:
        InputError: code ``path-shape``.

    >>> arc_length([[0, 0, 0], [3, 4, 0], [3, 4, 1]]).tolist()
    [0.0, 5.0, 6.0]
    """
    steps = np.linalg.norm(np.diff(_checked(points)[:, :3], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def path_length(points: npt.ArrayLike) -> float:
    """Length of a polyline (N, C) in mm; raises like :func:`arc_length`."""
    return float(arc_length(points)[-1])


def mean_step(points: npt.ArrayLike) -> float:
    """Mean distance in mm between neighbours of a polyline (N, C); raises like :func:`arc_length`.

    >>> mean_step([[0, 0, 0], [3, 0, 0], [3, 4, 0]])
    3.5
    """
    length = arc_length(points)
    return float(length[-1] / (len(length) - 1))


def sample_path(points: npt.ArrayLike, at_mm: npt.ArrayLike) -> Array:
    """Points of a polyline at given distances from its first point.

    Args:
        points: (N, C) mm; repeated points are allowed.
        at_mm: (M,) mm; clipped to the polyline.

    Returns:
        (M, C), all columns interpolated linearly.

    Raises:
        InputError: codes ``path-shape`` and ``path-too-short`` (zero length).

    >>> sample_path([[0, 0, 0], [0, 3, 4]], [2.5]).tolist()
    [[0.0, 1.5, 2.0]]
    """
    points, length = _distinct(points)
    at = np.asarray(at_mm, dtype=np.float64)
    return np.stack([np.interp(at, length, column) for column in points.T], axis=-1)


def resample_path(
    points: npt.ArrayLike, step_mm: float, *, end: Literal["fit", "keep", "drop"] = "fit"
) -> Array:
    """Resample a polyline at steps of arc length from its first point.

    Args:
        points: (N, C) mm; repeated points are allowed.
        step_mm: the requested step.
        end: treatment of a remainder shorter than a step.  ``fit``: both ends are kept, and the step becomes the
            nearest that divides the length evenly.  ``keep``: the last point follows after a shorter step.
            ``drop``: the last point is dropped.

    Returns:
        (M, C), all columns interpolated linearly; M >= 2 unless the end is dropped.

    Raises:
        InputError: codes ``path-shape``, ``path-too-short`` and ``step-not-positive``.

    >>> for end in ("fit", "keep", "drop"):
    ...     resample_path([[0, 0, 0], [7, 0, 0]], 3.0, end=end)[:, 0].tolist()
    [0.0, 3.5, 7.0]
    [0.0, 3.0, 6.0, 7.0]
    [0.0, 3.0, 6.0]
    """
    if not step_mm > 0:
        raise InputError("step-not-positive", f"step_mm must be positive but is {step_mm}.")
    return sample_path(points, _stations(path_length(points), step_mm, end))


def _stations(length: float, step_mm: float, end: str) -> Array:
    """Distances (M,) of the samples from the start of a path of this length, in mm."""
    if end == "fit":
        return np.linspace(0.0, length, max(1, round(length / step_mm)) + 1)
    at = np.arange(0.0, length + LAST_STEP_MM, step_mm)
    return np.append(at[at < length - SAME_POINT_MM], length) if end == "keep" else at


def tangents(points: npt.ArrayLike) -> Array:
    """Unit tangents (N, 3) of a polyline (N, 3) of distinct points: second-order differences in arc length.

    Raises:
        InputError: codes ``path-shape`` and ``path-too-short`` (zero length, or two neighbours coincide).

    >>> tangents([[0, 0, 0], [2, 0, 0], [5, 0, 0]]).tolist()[0]
    [1.0, 0.0, 0.0]
    """
    points = _checked(points, columns=3)
    length = arc_length(points)
    if np.any(np.diff(length) < SAME_POINT_MM):
        raise InputError("path-too-short", "neighbouring points must be distinct but two of them coincide.")
    derivative = np.gradient(points, length, axis=0, edge_order=1 if len(points) == 2 else 2)
    return derivative / np.linalg.norm(derivative, axis=1, keepdims=True)


def smooth_path(
    points: npt.ArrayLike,
    wavelength_mm: float,
    *,
    weights: npt.ArrayLike | None = None,
    pin_start: bool = False,
    pin_end: bool = False,
) -> Array:
    """Smooth an equally spaced polyline with a discrete smoothing spline (Whittaker, second differences).

    Minimises ``sum w |p - q|^2 + lambda sum |second difference of q|^2``.  Its frequency response is
    ``1 / (1 + lambda (2 sin(w h / 2))^4)``, so ``lambda`` follows from the wavelength whose amplitude is
    halved: a staircase (2 to 3 voxels) vanishes while a bend of 10 mm radius moves by micrometres.  Straight
    lines are preserved exactly, and so are the lengths of straight vessels.

    Args:
        points: (N, 3) mm at equal steps.
        wavelength_mm: wavelength whose amplitude is halved.
        weights: (N,) confidence in each point, by default 1.
        pin_start: keep the first point in place.
        pin_end: keep the last point in place.

    Returns:
        (N, 3) mm.

    Raises:
        InputError: codes ``path-shape`` and ``path-too-short``.
    """
    points = _checked(points, columns=3)
    step = mean_step(points)
    if step < SAME_POINT_MM:
        raise InputError(
            "path-too-short", f"points must span a positive length but span {step * (len(points) - 1)} mm."
        )
    trust = np.ones(len(points)) if weights is None else np.array(weights, dtype=np.float64)
    trust[[i for i, pinned in ((0, pin_start), (-1, pin_end)) if pinned]] = PIN_WEIGHT
    stiffness = (2.0 * np.sin(min(np.pi * step / wavelength_mm, np.pi / 2))) ** -4
    return _whittaker(points, trust, stiffness)


def _whittaker(points: Array, trust: Array, stiffness: float) -> Array:
    """Solve ``(W + stiffness D'D) q = W p``: pentadiagonal, positive definite, O(N)."""
    count = len(points)
    if count < 3:
        return points.copy()
    band = np.zeros((3, count))
    for row, (shift, products) in enumerate(((2, (1.0,)), (1, (-2.0, -2.0)), (0, (1.0, 4.0, 1.0)))):
        for start, product in enumerate(products):
            band[row, shift + start : shift + start + count - 2] += stiffness * product
    band[2] += trust
    return solveh_banded(band, trust[:, None] * points)


def _checked(points: npt.ArrayLike, columns: int | None = None) -> Array:
    """The points as floats, with exactly ``columns`` columns if given."""
    points = np.asarray(points, dtype=np.float64)
    wide = points.ndim == 2 and (points.shape[1] == columns if columns else points.shape[1] >= 3)
    if not wide or len(points) < 2:
        wanted = columns or "3 or more"
        raise InputError(
            "path-shape", f"points must have shape (N, {wanted}) with N >= 2 but have {points.shape}."
        )
    if not np.all(np.isfinite(points)):
        raise InputError("path-shape", "points must be finite but hold NaN or infinity.")
    return points


def _distinct(points: npt.ArrayLike) -> tuple[Array, Array]:
    points, length = _checked(points), arc_length(points)
    keep = np.concatenate([[True], np.diff(length) >= SAME_POINT_MM])
    if keep.sum() < 2:
        raise InputError("path-too-short", f"points must span a positive length but span {length[-1]} mm.")
    return points[keep], length[keep]
