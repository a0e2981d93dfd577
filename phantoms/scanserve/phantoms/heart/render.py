"""Noiseless CT of the phantom on a grid or at points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.phantoms.heart.anatomy import Anatomy
from scanserve.phantoms.heart.background import background, background_points
from scanserve.phantoms.heart.grid import Grid
from scanserve.phantoms.heart.lumen import collect, lay, near_points, near_voxels, sigma_of

__all__ = ["render", "render_points"]

#: Voxel edge that points are taken to stand for, mm.
POINT_VOXEL_MM = 0.45


def render(anatomy: Anatomy, percent: float, grid: Grid) -> npt.NDArray[np.float32]:
    """HU (float32, [z, y, x]) on ``grid`` at a phase (percent of R-R), with motion blur, without noise."""
    hu = background(anatomy, percent, grid)
    samples = collect(anatomy, percent)
    flat, places = near_voxels(samples.middle, samples.reach, grid)
    if len(flat):
        values = hu.reshape(-1)
        values[flat] = lay(values[flat], places, samples, sigma_of(grid.spacing), anatomy.contrast.fat)
    return hu


def render_points(anatomy: Anatomy, percent: float, points: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """HU (float32) at ``points`` (..., 3) xyz LPS mm, with motion blur, without noise; shape (...).

    Raises:
        InputError: code ``points-shape``.
    """
    places = np.asarray(points, np.float32)
    if places.ndim < 1 or places.shape[-1] != 3:
        raise InputError("points-shape", f"points must have shape (..., 3) but has {places.shape}.")
    flat = places.reshape(-1, 3)
    if not len(flat):
        return np.empty(places.shape[:-1], np.float32)
    hu = background_points(anatomy, percent, flat)
    samples = collect(anatomy, percent)
    near = near_points(samples.middle, samples.reach, flat)
    if len(near):
        sigma = sigma_of((POINT_VOXEL_MM,) * 3)
        hu[near] = lay(hu[near], flat[near], samples, sigma, anatomy.contrast.fat)
    return hu.reshape(places.shape[:-1])
