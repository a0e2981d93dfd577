"""Points on and near the outer surface of the heart: ray casting, and settling of paths in the fat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from scanserve.geometry.path import arc_length, resample_path
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.shapes import Shape

__all__ = ["cast", "distance_to", "outward", "settle", "spline_through"]

#: Distances are limited to this, mm.
NEAR_MM = 20.0


def distance_to(shapes: Sequence[Shape], points: npt.NDArray) -> npt.NDArray:
    """Signed distance (N,) of ``points`` (N, 3) to the union of ``shapes``, mm; at most about NEAR_MM.

    Shapes whose bounding box is farther than NEAR_MM from that of the points are skipped: they cannot be the nearest
    wall of a path on the heart.
    """
    points = np.asarray(points, np.float32)
    low, high = points.min(0) - NEAR_MM, points.max(0) + NEAR_MM
    x, y, z = np.ascontiguousarray(points.T)
    best = np.full(len(points), NEAR_MM, np.float32)
    for part in (part for shape in shapes for part in getattr(shape, "parts", (shape,))):
        corner = part.bounds()
        if (corner[0] <= high).all() and (corner[1] >= low).all():
            np.minimum(best, part.distance(x, y, z), out=best)
    return best


def cast(pose: Pose, shapes: Sequence[Shape], angle: float, level: float) -> npt.NDArray:
    """The outer surface point (3,) at ``angle`` (degrees from r to s) and ``level`` (mm along a)."""
    centre = 10.0 * (1.0 - max(level, 0.0) / 85.0)
    radius = np.linspace(80, 0, 321)
    v = np.radians(angle)
    along = np.cos(v) * pose.axes[0] + np.sin(v) * pose.axes[1]
    ray = pose.at(centre, 0, level) + pose.size * radius[:, None] * along
    inside = distance_to(shapes, ray) < 0
    return ray[int(np.argmax(inside))] if inside.any() else ray[-1]


def spline_through(controls: npt.NDArray, step: float) -> npt.NDArray:
    """A cubic spline through ``controls`` (K, 3), sampled every ``step`` mm."""
    s = arc_length(controls)
    keep = np.concatenate([[True], np.diff(s) > 1.0])
    fine = np.linspace(0, s[-1], max(int(s[-1] / 0.2), 16))
    return resample_path(CubicSpline(s[keep], controls[keep], bc_type="natural")(fine), step, end="drop")


def _field(shapes: Sequence[Shape], points: npt.NDArray, h: float = 0.25) -> tuple[npt.NDArray, npt.NDArray]:
    """Distance (N,) and its unit gradient (N, 3), in one evaluation of all shapes."""
    shifts = h * np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)])
    many = (points[None] + shifts[:, None]).reshape(-1, 3)
    d = distance_to(shapes, many).reshape(7, -1)
    g = (d[1:4] - d[4:]).T
    return d[0], g / np.maximum(np.linalg.norm(g, axis=1, keepdims=True), 1e-6)


def _smooth(points: npt.NDArray, fixed: int) -> npt.NDArray:
    out = points.copy()
    out[1:-1] += 0.5 * (0.5 * (points[:-2] + points[2:]) - points[1:-1])
    out[:fixed] = points[:fixed]
    return out


def outward(points: npt.NDArray, shapes: Sequence[Shape], depth: npt.NDArray) -> npt.NDArray:
    """Shifts (N, 3) that move points out to ``depth`` (N,) mm outside ``shapes`` if they are closer."""
    distance, gradient = _field(shapes, points)
    return np.clip(depth - distance, 0, 4)[:, None] * gradient


def settle(
    points: npt.NDArray,
    shapes: Sequence[Shape],
    depth: npt.NDArray,
    *,
    fixed: int = 1,
    rounds: int = 18,
    pull: float = 0.6,
    smoothing: int = 3,
) -> npt.NDArray:
    """Move a path (N, 3) to ``depth`` (N,) mm outside the union of ``shapes`` while keeping it smooth.

    The first ``fixed`` points do not move.  Points that lie too deep are pushed out; points too far out are drawn in by
    the fraction ``pull`` of their error.  Each of the ``rounds`` ends with ``smoothing`` neighbour averages.
    """
    path = points.copy()
    for _ in range(rounds):
        distance, gradient = _field(shapes, path)
        error = distance - depth
        move = -np.clip(error * np.where(error > 0, pull * 0.5, pull), -2, 2)
        move[:fixed] = 0
        path += move[:, None] * gradient
        for _ in range(smoothing):
            path = _smooth(path, fixed)
    return path
