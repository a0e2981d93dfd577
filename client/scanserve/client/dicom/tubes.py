"""Voxels of a source's slices that lie in a tube around a centerline.

The lumen of a vessel is taken to be the union of balls along its centerline, each of the radius that was measured
there.  Tubes are drawn in the slices as they are stored, whatever way these lie.

Symbols: N points of a centerline; S slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.slices import Slice, normal_of

__all__ = ["Drawing", "Raster", "densified"]

Array = npt.NDArray[np.float64]

#: Balls lie at most so far apart, in smallest voxel sides.
_STEP = 0.5


@dataclass(frozen=True, eq=False)
class Raster:
    """The lattice of slices that lie evenly and without tilt.

    Attributes:
        origin: centre of the first pixel of the first slice, LPS, mm.
        directions: (3, 3) unit vectors from slice to slice, row to row, column to column.
        steps: (3,) mm likewise.
        shape: slices, rows, columns.
    """

    origin: Array
    directions: Array
    steps: Array
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, slices: Sequence[Slice], step_mm: float) -> Raster:
        """Of the slices of a stack, in their order along the normal."""
        first = slices[0]
        row_step, column_step = first.pixel_spacing
        along_row, along_column = np.array(first.orientation[:3]), np.array(first.orientation[3:])
        return cls(
            np.array(first.position, np.float64),
            np.stack([normal_of(first.orientation), along_column, along_row]),
            np.array([step_mm, row_step, column_step]),
            (len(slices), first.frame.rows, first.frame.columns),
        )

    def indices(self, points: Array) -> Array:
        """Fractional (slice, row, column) (N, 3) of points (N, 3)."""
        return (points - self.origin) @ self.directions.T / self.steps


class Drawing:
    """A label map in which a voxel belongs to the tube whose axis is nearest, in radii."""

    def __init__(self, raster: Raster) -> None:
        self._raster = raster
        self._nearest = np.full(raster.shape, np.inf, np.float32)
        self.values = np.zeros(raster.shape, np.uint8)

    def draw(self, points: Array, radii: Array, value: int) -> None:
        """Draw a tube.

        Args:
            points: (N, 3) LPS, mm.
            radii: (N,) mm, > 0; NaN where it is not known: what lies around counts.
            value: its label, 1 to 255.
        """
        smallest = float(self._raster.steps.min())
        points, radii = densified(points, radii, _STEP * smallest)
        for center, radius in zip(self._raster.indices(points), radii, strict=True):
            self._ball(center, max(float(radius), smallest / 2), value)

    def _ball(self, center: Array, radius: float, value: int) -> None:
        steps, shape = self._raster.steps, np.array(self._raster.shape)
        low = np.maximum(np.ceil(center - radius / steps), 0).astype(int)
        high = np.minimum(np.floor(center + radius / steps) + 1, shape).astype(int)
        if (low >= high).any():
            return
        box = tuple(slice(start, stop) for start, stop in zip(low, high, strict=True))
        axes = np.ogrid[box]
        squared = sum(
            ((axis - middle) * step) ** 2 for axis, middle, step in zip(axes, center, steps, strict=True)
        )
        share = np.sqrt(squared) / radius
        nearest = self._nearest[box]
        wins = (share <= 1) & (share < nearest)
        nearest[wins] = share[wins]
        self.values[box][wins] = value


def densified(points: Array, radii: Array, step_mm: float) -> tuple[Array, Array]:
    """Points and radii at most ``step_mm`` apart; unknown radii are filled from their neighbours.

    Raises:
        ValueError: no radius is known.
    """
    known = np.isfinite(radii)
    if not known.any():
        raise ValueError("a tube needs a radius")
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    place = np.concatenate([[0.0], np.cumsum(lengths)])
    count = max(2, int(np.ceil(place[-1] / step_mm)) + 1)
    wanted = np.union1d(place, np.linspace(0.0, place[-1], count))
    filled = np.interp(place, place[known], radii[known])
    dense = np.stack([np.interp(wanted, place, points[:, axis]) for axis in range(3)], axis=1)
    return dense, np.interp(wanted, place, filled)
