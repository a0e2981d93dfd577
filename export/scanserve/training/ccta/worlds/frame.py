"""The frame of a world: the working grid around its own middle, in millimetres (z, y, x)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM

__all__ = ["HALF_MM", "MIDDLE", "Places", "around", "axes_mm"]

#: Index of the middle of the working grid, and its distance in mm from the outermost voxel centres, along each axis.
MIDDLE = (np.array(WORKING_SHAPE) - 1) / 2
HALF_MM = MIDDLE * WORKING_SPACING_MM

#: Voxels near something: their flat indices (V,) in the working grid and their places (V, 3) mm.
Places = tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]


def axes_mm() -> list[npt.NDArray[np.float32]]:
    """The coordinates (mm) of the voxel centres along z, y and x."""
    return [
        ((np.arange(size) - middle) * WORKING_SPACING_MM).astype(np.float32)
        for size, middle in zip(WORKING_SHAPE, MIDDLE, strict=True)
    ]


def around(points: npt.NDArray, reach_mm: float) -> Places:
    """All voxels within ``reach_mm`` of ``points`` (N, 3) mm, and some that are a little farther."""
    index = np.rint(points / WORKING_SPACING_MM + MIDDLE).astype(int)
    radius = int(np.ceil(reach_mm / WORKING_SPACING_MM)) + 1
    near = ((index >= -radius) & (index < np.array(WORKING_SHAPE) + radius)).all(axis=1)
    index = np.clip(index[near], 0, np.array(WORKING_SHAPE) - 1)
    occupied = np.zeros(WORKING_SHAPE, np.uint8)
    occupied[tuple(index.T)] = 1
    for axis in range(3):
        occupied = ndimage.maximum_filter1d(occupied, 2 * radius + 1, axis=axis)
    flat = np.flatnonzero(occupied)
    places = np.stack(np.unravel_index(flat, WORKING_SHAPE), axis=1) - MIDDLE
    return flat, (places * WORKING_SPACING_MM).astype(np.float32)
