"""Signed distances of simple solids, in mm: negative inside.

Every shape has ``bounds()`` (low and high corner, xyz, LPS) and ``distance(x, y, z)``, whose arguments are
float32 arrays that broadcast against each other.  So one formula serves voxel grids (three open axes) and free points
(three vectors of the same length).  :class:`~scanserve.phantoms.ellipsoid.Ellipsoid` is another shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ellipsoid import TINY, projected

__all__ = ["Capsule", "Cylinder", "Ribs", "Shape", "Union", "Vertebrae", "tube"]

Floats = npt.NDArray[np.float32]
FAR = 1e4


class Shape(Protocol):
    """A solid: a bounding box and a signed distance in mm."""

    def bounds(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner, xyz."""

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Signed distance, negative inside."""


@dataclass(frozen=True)
class Capsule:
    """A round cone from ``a`` (radius ``ra``) to ``b`` (radius ``rb``)."""

    a: npt.NDArray
    b: npt.NDArray
    ra: float
    rb: float

    def bounds(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner, xyz."""
        return (
            np.minimum(self.a - self.ra, self.b - self.rb),
            np.maximum(self.a + self.ra, self.b + self.rb),
        )

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Signed distance, negative inside."""
        axis = np.asarray(self.b, float) - self.a
        length2 = max(float(axis @ axis), 1e-6)
        h = np.clip(projected(axis / length2, self.a, x, y, z), 0, 1)
        total: Floats | float = 0.0
        for i, grid in enumerate((x, y, z)):
            u = (grid - np.float32(self.a[i])) - np.float32(axis[i]) * h
            u *= u
            total = total + u
        return np.sqrt(total) - (np.float32(self.ra) + np.float32(self.rb - self.ra) * h)


def tube(points: npt.NDArray, radii: npt.NDArray | float) -> Union:
    """A chain of capsules through ``points`` (N, 3)."""
    r = np.broadcast_to(np.asarray(radii, float), (len(points),))
    return Union(
        tuple(
            Capsule(np.asarray(points[i], float), np.asarray(points[i + 1], float), r[i], r[i + 1])
            for i in range(len(points) - 1)
        )
    )


@dataclass(frozen=True)
class Union:
    """Several shapes as one."""

    parts: tuple[Shape, ...]

    def bounds(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner, xyz."""
        boxes = [part.bounds() for part in self.parts]
        return np.min([b[0] for b in boxes], 0), np.max([b[1] for b in boxes], 0)

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Signed distance, negative inside."""
        best = self.parts[0].distance(x, y, z)
        for part in self.parts[1:]:
            best = np.minimum(best, part.distance(x, y, z))
        return best


def _ellipse(x: Floats, y: Floats, cx: float, cy: float, sx: float, sy: float) -> Floats:
    u = (x - np.float32(cx)) / np.float32(sx)
    v = (y - np.float32(cy)) / np.float32(sy)
    k0 = np.sqrt(u * u + v * v) + TINY
    k1 = np.sqrt((u / np.float32(sx)) ** 2 + (v / np.float32(sy)) ** 2) + TINY
    return k0 * (k0 - 1) / k1


@dataclass(frozen=True)
class Cylinder:
    """An upright elliptic cylinder without ends (the trunk)."""

    cx: float
    cy: float
    sx: float
    sy: float

    def bounds(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner, xyz."""
        low = np.array([self.cx - self.sx, self.cy - self.sy, -FAR])
        return low, np.array([self.cx + self.sx, self.cy + self.sy, FAR])

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Signed distance, negative inside; the same at every z."""
        flat = _ellipse(x, y, self.cx, self.cy, self.sx, self.sy)
        return np.broadcast_to(flat, np.broadcast_shapes(flat.shape, z.shape))


@dataclass(frozen=True)
class Ribs:
    """Elliptic rings with a flat oval profile, ``pitch`` mm apart, sloping down to the front."""

    ring: Cylinder
    pitch: float
    shift: float
    slope: float
    thick: float
    high: float

    def bounds(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner, xyz."""
        low, high = self.ring.bounds()
        pad = np.array([self.thick, self.thick, 0])
        return low - pad, high + pad

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Signed distance, negative inside."""
        across = _ellipse(x, y, self.ring.cx, self.ring.cy, self.ring.sx, self.ring.sy)
        level = z - np.float32(self.slope) * y - np.float32(self.shift)
        pitch = np.float32(self.pitch)
        level = level - pitch * np.rint(level / pitch)
        level = level * np.float32(self.thick / self.high)
        return np.sqrt(across * across + level * level) - np.float32(self.thick)


@dataclass(frozen=True)
class Vertebrae:
    """A stack of elliptic discs of height ``height``, ``pitch`` mm apart."""

    column: Cylinder
    pitch: float
    height: float
    shift: float

    def bounds(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner, xyz."""
        return self.column.bounds()

    def distance(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """Signed distance, negative inside."""
        pitch = np.float32(self.pitch)
        level = z - np.float32(self.shift)
        level = np.abs(level - pitch * np.rint(level / pitch)) - np.float32(self.height / 2)
        flat = _ellipse(x, y, self.column.cx, self.column.cy, self.column.sx, self.column.sy)
        return np.maximum(flat, level)
