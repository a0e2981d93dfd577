"""The target of the heat-map networks: Gaussians around centerlines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.lumen import near_voxels

__all__ = ["heatmap_around", "heatmaps"]

#: A heat map is 0 beyond this many sigma, where its value is below 0.001.
CUT_SIGMA = 3.8


def heatmaps(anatomy: Anatomy, percent: float, grid: Grid, sigma_mm: float) -> npt.NDArray[np.float32]:
    """``exp(-d^2 / (2 sigma^2))`` around the whole tree of each vessel: float32 [vessel, z, y, x].

    The left main belongs to both LAD and LCX; d is the distance in mm to the nearest centerline sample
    (0.5 mm apart).

    Raises:
        InputError: code ``sigma-invalid``.
    """
    if not sigma_mm > 0:
        raise InputError("sigma-invalid", f"sigma_mm must be positive but is {sigma_mm!r}.")
    out = np.zeros((len(anatomy.vessels), *grid.shape), np.float32)
    for number, vessel in enumerate(anatomy.vessels):
        points = np.concatenate([branch.points for branch in vessel.at(percent)])
        out[number] = heatmap_around(points, grid, sigma_mm)
    return out


def heatmap_around(points: npt.NDArray, grid: Grid, sigma_mm: float) -> npt.NDArray[np.float32]:
    """``exp(-d^2 / (2 sigma^2))``, d in mm to the nearest of ``points`` (N, 3) LPS: float32 [z, y, x]."""
    out = np.zeros(grid.shape, np.float32)
    flat, places = near_voxels(points, CUT_SIGMA * sigma_mm, grid)
    distance, _ = cKDTree(points).query(places, distance_upper_bound=CUT_SIGMA * sigma_mm)
    out.reshape(-1)[flat] = np.exp(-(distance**2) / (2 * sigma_mm**2))
    return out
