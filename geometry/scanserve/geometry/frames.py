"""Rotation-minimizing frames along a curve.

Double reflection: Wang, Jüttler, Zheng, Liu, "Computation of rotation minimizing frames", ACM Transactions on
Graphics 27(1), 2008; the error in the twist is of fourth order in the step.

The published algorithm is a recurrence.  Here it is vectorised: the double reflection between two points is
a rotation that maps the normal plane at point i to the normal plane at point i + 1.  With *any* choice of axes in
these planes it is a single angle, so the frame at point i is its axes rotated by the cumulative sum of the angles.

Symbols: M points.  All vectors are ``(x, y, z)``, LPS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.geometry.path import tangents as path_tangents
from scanserve.geometry.types import Array

__all__ = ["Frames", "across", "rotation_minimizing_frames"]

#: The first normal is the superior direction projected onto the normal plane, so that a vessel is cut in the same way
#: in every phase.  A curve that starts within 25 degrees of superior uses posterior instead.
REFERENCE, SPARE_REFERENCE = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
REFERENCE_COSINE = float(np.cos(np.deg2rad(25.0)))


@dataclass(frozen=True)
class Frames:
    """Right-handed orthonormal frames along a curve.

    ``points`` (M, 3) mm; ``tangents``, ``normals``, ``binormals`` (M, 3), unit, with
    ``binormal = tangent x normal``.
    """

    points: Array
    tangents: Array
    normals: Array
    binormals: Array

    def __len__(self) -> int:
        return len(self.points)


def rotation_minimizing_frames(points: npt.ArrayLike, *, first_normal: npt.ArrayLike | None = None) -> Frames:
    """Frames that do not rotate about the curve.

    Args:
        points: (M, 3) mm, neighbours distinct.
        first_normal: (3,) direction whose projection becomes the first normal; superior by default.

    Returns:
        Frames at the same points.

    Raises:
        InputError: codes ``path-shape`` and ``path-too-short``.

    >>> frames = rotation_minimizing_frames([[0, 0, 0], [1, 0, 0], [2, 0, 0]])
    >>> frames.normals.round(6).tolist()[0], frames.binormals.round(6).tolist()[0]
    ([0.0, 0.0, 1.0], [0.0, -1.0, 0.0])
    """
    points = np.asarray(points, dtype=np.float64)
    tangents = path_tangents(points)
    axes_u = across(tangents)
    axes_v = np.cross(tangents, axes_u)
    turns = _turns(points, tangents, axes_u, axes_v)
    start = _first_angle(tangents[0], axes_u[0], axes_v[0], first_normal)
    angles = start + np.concatenate([[0.0], np.cumsum(turns)])
    normals = np.cos(angles)[:, None] * axes_u + np.sin(angles)[:, None] * axes_v
    return Frames(points, tangents, normals, np.cross(tangents, normals))


def across(tangents: Array) -> Array:
    """A unit vector (M, 3) normal to each unit tangent (M, 3): well-conditioned, not continuous."""
    axis = np.zeros_like(tangents)
    np.put_along_axis(axis, np.abs(tangents).argmin(axis=1)[:, None], 1.0, axis=1)
    vector = np.cross(tangents, axis)
    return vector / np.linalg.norm(vector, axis=1, keepdims=True)


def _turns(points: Array, tangents: Array, axes_u: Array, axes_v: Array) -> Array:
    """The angle (M-1,) of each double reflection, relative to the given axes of the two planes."""
    chord = np.diff(points, axis=0)
    reflected_axis = _reflect(axes_u[:-1], chord)
    reflected_tangent = _reflect(tangents[:-1], chord)
    carried = _reflect(reflected_axis, tangents[1:] - reflected_tangent)
    return np.arctan2(_dot(carried, axes_v[1:]), _dot(carried, axes_u[1:]))


def _reflect(vectors: Array, mirrors: Array) -> Array:
    """Reflect each vector in the plane with normal ``mirrors``; a zero normal leaves it unchanged."""
    square = _dot(mirrors, mirrors)
    factor = 2.0 * _dot(vectors, mirrors) / np.where(square > 0, square, 1.0)
    return vectors - factor[:, None] * mirrors


def _dot(first: Array, second: Array) -> Array:
    return np.einsum("ij,ij->i", first, second)


def _first_angle(tangent: Array, axis_u: Array, axis_v: Array, first_normal: npt.ArrayLike | None) -> float:
    if first_normal is None:
        aligned = abs(float(tangent @ REFERENCE)) > REFERENCE_COSINE
        first_normal = SPARE_REFERENCE if aligned else REFERENCE
    wanted = np.asarray(first_normal, dtype=np.float64)
    return float(np.arctan2(wanted @ axis_v, wanted @ axis_u))
