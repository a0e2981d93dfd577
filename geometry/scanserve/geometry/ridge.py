"""From voxel centres to the ridge of a heat map, with sub-voxel accuracy.

Symbols: N points of a path, W samples of the disc across it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.geometry.frames import across
from scanserve.geometry.heatmap import HeatMap
from scanserve.geometry.path import tangents as path_tangents
from scanserve.geometry.types import Array

__all__ = ["refine_to_ridge"]

#: Radius of the disc in voxels: a skeleton lies within a voxel or two of the ridge.
DISC_VOXELS = 2.0
#: Samples across the radius of the disc.
DISC_RINGS = 3
#: Heat is raised to this power, so that the shoulder of a neighbouring branch has little influence.
SHARPNESS = 4
#: Each round covers two thirds of the distance to the ridge of a 1.5 mm Gaussian; one percent is left after four.
ROUNDS = 4


def refine_to_ridge(points: npt.ArrayLike, heatmap: HeatMap, *, rounds: int = ROUNDS) -> Array:
    """Move each point across the path to the heat-weighted centre of a disc, repeatedly (mean shift).

    Args:
        points: (N, 3) mm LPS, neighbours distinct.
        heatmap: the map that holds the ridge.
        rounds: number of moves; the tangents remain those of the given path.

    Returns:
        (N, 3) mm; points without heat around them do not move.

    Raises:
        InputError: codes ``path-shape`` and ``path-too-short``.
    """
    points = np.array(points, dtype=np.float64)
    tangents = path_tangents(points)
    axis_u = across(tangents)
    axis_v = np.cross(tangents, axis_u)
    disc = _disc() * DISC_VOXELS * heatmap.grid.spacing.min()
    offsets = disc[:, :1] * axis_u[:, None] + disc[:, 1:] * axis_v[:, None]
    for _ in range(rounds):
        weight = heatmap.heat(points[:, None] + offsets) ** SHARPNESS
        total = weight.sum(axis=1, keepdims=True)
        points += np.einsum("nw,nwc->nc", weight, offsets) / np.where(total > 0, total, 1.0)
    return points


def _disc() -> Array:
    """Positions (W, 2) on a square lattice within the unit disc."""
    side = np.linspace(-1.0, 1.0, 2 * DISC_RINGS + 1)
    lattice = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    return lattice[np.linalg.norm(lattice, axis=1) <= 1.0 + 1e-9]
