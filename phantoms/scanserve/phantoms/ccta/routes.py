"""Routes for vessels over a measured heart: into its grooves, and between its walls instead of through them.

The grooves of the phantom lie where its courses expect them.  Those of a real heart lie slightly elsewhere, and its
walls are so close together that a straight path between control points would enter them.

Symbols: voxels [z, y, x]; controls (K, 3) and points (N, 3) in LPS mm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree
from skimage.graph import route_through_array

from scanserve.geometry.grid import Grid
from scanserve.geometry.sampling import trilinear

__all__ = ["Routes", "grooves"]

#: Radius of the ball that does not reach into a groove; least depth of a groove; distance at which controls snap, mm.
BALL_MM, DEEP_MM, NEAR_MM = 12.0, 1.5, 9.0
#: Cost of a route per voxel: in a wall, in a groove, and outside by distance from the wall in mm.
WALL_COST, GROOVE_COST, FREE_COST, FREE_COST_PER_MM = 80.0, 1.0, 2.0, 0.5
#: Margin of the search around the two ends, and spacing of the points kept, mm.
AROUND_MM, KEEP_MM = 15.0, 6.0

Mask = npt.NDArray[np.bool_]


def grooves(body: Mask, spacing: float) -> Mask:
    """The voxels outside ``body`` that lie deeper than DEEP_MM below the surface of its closing."""
    reached = distance_transform_edt(~body, sampling=spacing) <= BALL_MM
    depth = distance_transform_edt(reached, sampling=spacing) - BALL_MM
    return (depth > DEEP_MM) & ~body


@dataclass(frozen=True, eq=False)
class Routes:
    """The ``distance`` (mm, [z, y, x]) to the walls, negative inside, and the mask of the ``groove``, on ``grid``."""

    grid: Grid
    distance: npt.NDArray[np.float32]
    groove: Mask

    @cached_property
    def _cost(self) -> npt.NDArray:
        free = np.where(self.groove, GROOVE_COST, FREE_COST + FREE_COST_PER_MM * self.distance)
        return np.where(self.distance < 0.5 * self.grid.spacing[0], WALL_COST, free)

    @cached_property
    def _floor(self) -> npt.NDArray:
        """Points (M, 3) in the grooves, outside the walls."""
        return self.grid.to_lps(np.argwhere(self.groove & (self.distance > 0.5 * self.grid.spacing[0])))

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self._floor)

    def moved(self, shift: npt.NDArray) -> Routes:
        """The same routes, shifted by ``shift`` (3,) mm."""
        return replace(self, grid=self.grid.moved(shift))

    def snapped(self, point: npt.NDArray) -> npt.NDArray:
        """The nearest position in a groove, or ``point`` (3,) if none is near."""
        distance, nearest = self._tree.query(point, distance_upper_bound=NEAR_MM)
        return self._floor[nearest] if np.isfinite(distance) else point

    def through(self, controls: npt.NDArray) -> npt.NDArray:
        """Control points of a route through ``controls``; the first is kept, the others are moved out of the walls."""
        placed = [controls[0], *(self._freed(point) for point in controls[1:])]
        route = [placed[0]]
        for start, end in pairwise(placed):
            route += [*self._between(start, end), end]
        return np.stack(route)

    def _freed(self, point: npt.NDArray) -> npt.NDArray:
        """The nearest position outside the walls."""
        index = self.grid.to_index(point)
        if trilinear(self.distance, index, None, np.float64) > 0:
            return point
        middle = np.rint(index).astype(int)
        low = np.maximum(middle - 6, 0)
        free = np.argwhere(
            self.distance[tuple(slice(a, b + 7) for a, b in zip(low, middle, strict=True))] > 0
        )
        if not len(free):
            return point
        places = self.grid.to_lps(free + low)
        return places[int(np.argmin(np.linalg.norm(places - point, axis=1)))]

    def _between(self, start: npt.NDArray, end: npt.NDArray) -> npt.NDArray:
        """Points every KEEP_MM on the cheapest route, without its ends."""
        ends = self.grid.to_index(np.stack([start, end]))
        pad = AROUND_MM / self.grid.spacing[0]
        limit = np.array(self.grid.shape) - 1
        low = np.clip(np.floor(ends.min(0) - pad), 0, limit).astype(int)
        high = np.clip(np.ceil(ends.max(0) + pad), 0, limit).astype(int)
        box = tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))
        first, last = np.clip(np.rint(ends), low, high).astype(int) - low
        path, _ = route_through_array(self._cost[box], first, last, fully_connected=True, geometric=True)
        points = self.grid.to_lps(np.array(path) + low)
        stride = max(round(KEEP_MM / self.grid.spacing[0]), 1)
        kept = points[stride:-1:stride]
        far = np.linalg.norm(kept - end, axis=1) > KEEP_MM / 2
        return kept[far]
