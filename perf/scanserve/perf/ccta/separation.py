"""How well a heat map tells the true lines of a vessel from what lies around them.

Symbols: P samples of the lines, A voxels around them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.stats import rankdata

from scanserve.geometry import Grid

__all__ = ["AROUND_MM", "around", "separation"]

#: What counts as around a line: nearer is a matter of the blur of the map, farther of other organs (mm).
AROUND_MM = (5.0, 25.0)


def around(points: npt.NDArray, grid: Grid) -> npt.NDArray[np.bool_]:
    """The voxels [z, y, x] of ``grid`` whose centres lie :data:`AROUND_MM` from the nearest of ``points`` (P, 3) mm."""
    z, y, x = np.indices(grid.shape).reshape(3, -1)
    places = grid.origin + np.stack([x, y, z], axis=1) * grid.spacing
    near, far = AROUND_MM
    distance, _ = cKDTree(points).query(places, distance_upper_bound=far)
    return ((distance >= near) & np.isfinite(distance)).reshape(grid.shape)


def separation(on: npt.NDArray, away: npt.NDArray) -> float:
    """The chance that a value of ``on`` (P,) exceeds one of ``away`` (A,), equal values counting half.

    This is the area under the ROC curve, from the ranks of both (Hanley and McNeil, Radiology 143 (1982) 29-36).
    """
    ranks = rankdata(np.concatenate([on, away]))[: len(on)]
    return float((ranks.sum() - len(on) * (len(on) + 1) / 2) / (len(on) * len(away)))
