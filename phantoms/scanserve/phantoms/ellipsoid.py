"""An ellipsoid in space: membership, signed distance and path lengths.

Symbols: N points, D directions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["TINY", "Ellipsoid", "projected"]

Array = npt.NDArray[np.floating]
Float32 = npt.NDArray[np.float32]

#: Keeps a quotient negative at the centre of an ellipsoid, where it would be 0 / 0.
TINY = np.float32(1e-6)


def projected(axis: Array, start: Array, x: Float32, y: Float32, z: Float32) -> Float32:
    """Project points (coordinates broadcast), relative to ``start`` (3,), onto ``axis`` (3,) in single precision."""
    offset = np.float32(-float(np.dot(axis, start)))
    ax, ay, az = (np.float32(v) for v in axis)
    return ax * x + (ay * y + (az * z + offset))


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """An ellipsoid: ``centre`` (3,) and ``semi_axes`` (3,) in mm, LPS; rows of ``axes`` (3, 3) are unit directions."""

    centre: Array
    semi_axes: Array
    axes: Array

    @property
    def half_size(self) -> Array:
        """Half size (3,) xyz mm of the axis-aligned bounding box."""
        return np.linalg.norm(self.axes * self.semi_axes[:, None], axis=0)

    def bounds(self) -> tuple[Array, Array]:
        """Low and high corner, xyz mm."""
        half = self.half_size
        return self.centre - half, self.centre + half

    def distance(self, x: Float32, y: Float32, z: Float32) -> Float32:
        """Signed distance in mm of points (coordinates broadcast), negative inside.

        It is exact to first order at the surface (Quilez' bound ``k0 (k0 - 1) / k1``), which suffices for a soft edge.
        """
        inner: Float32 | float = 0.0
        outer: Float32 | float = 0.0
        for axis, semi in zip(self.axes, self.semi_axes, strict=True):
            u = projected(axis / semi, self.centre, x, y, z)
            u *= u
            inner = inner + u
            u *= np.float32(1 / semi**2)
            outer = outer + u
        k0 = np.sqrt(inner) + TINY
        k1 = np.sqrt(outer) + TINY
        return k0 * (k0 - 1) / k1

    def along(self, x: Array, y: Array, z: Array, axis: int) -> Array:
        """Position of points (coordinates broadcast) along a semi-axis: -1 and 1 at its ends, 0 at the centre."""
        a, b, c = self.axes[axis] / self.semi_axes[axis]
        return a * (x - self.centre[0]) + (b * (y - self.centre[1]) + c * (z - self.centre[2]))

    def level(self, x: Array, y: Array, z: Array) -> Array:
        """Level of points (coordinates broadcast): 0 at the centre, 1 on the surface, linear along every radius."""
        squares = [self.along(x, y, z, axis) ** 2 for axis in range(3)]
        return np.sqrt(squares[0] + squares[1] + squares[2])

    def exit_mm(self, points: Array, directions: Array) -> Array:
        """Path length (N, D) mm inside, from points (N, 3) along unit directions (D, 3); 0 if the ray misses it."""
        q, v = self._unit(points - self.centre), self._unit(directions)
        a, b, c = (v * v).sum(-1)[None, :], q @ v.T, (q * q).sum(-1)[:, None] - 1
        root = np.sqrt(np.clip(b * b - a * c, 0, None))
        return (np.maximum(root - b, 0) - np.maximum(-root - b, 0)) / a

    def grown(self, mm: float) -> Ellipsoid:
        """The ellipsoid with semi-axes longer by ``mm``."""
        return Ellipsoid(self.centre, self.semi_axes + mm, self.axes)

    def _unit(self, vectors: Array) -> Array:
        """Vectors (N, 3) in the frame in which the ellipsoid is the unit sphere."""
        return vectors @ (self.axes.T / self.semi_axes)
