"""Phantom hearts for the two heat-map networks: the coarse volume, and one heart cube at crop resolution."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ccta import COARSE_SHAPE, COARSE_SPACING_MM, CROP_SPACING_MM
from scanserve.phantoms.heart import Anatomy, Grid, heatmaps, render
from scanserve.training.bank import Bank

__all__ = ["COARSE_SIGMA_MM", "CUBE", "FINE_SIGMA_MM", "heart_bank", "make_heart"]

#: Widths of the heat maps' Gaussian profile.  At 2 mm voxels 3 mm keeps a vessel connected; at 0.9 mm voxels
#: 1.3 mm gives the ridge three voxels, enough for a sub-voxel centre.
COARSE_SIGMA_MM = 3.0
FINE_SIGMA_MM = 1.3
#: Voxels along each side of the heart cube: 176 x 0.9 mm = 158 mm, the heart with room for shifted crops.
CUBE = 176


def make_heart(seed: int) -> dict[str, npt.NDArray]:
    """One heart at one cardiac phase, noiseless.

    Returns:
        ``coarse`` int16 [z, y, x] HU and ``coarse_maps`` uint8 [3, z, y, x] on the coarse grid centred on a randomly
        shifted volume; ``cube`` int16 and ``cube_maps`` uint8 at crop resolution; ``coarse_origin``, ``cube_origin``
        float64 (x, y, z) mm, LPS.
    """
    rng = np.random.default_rng(seed)
    anatomy = Anatomy.sample(seed)
    percent = float(rng.uniform(0, 100))
    coarse = _centred(COARSE_SHAPE[0], COARSE_SPACING_MM, rng.uniform(-12, 12, 3))
    cube = _centred(CUBE, CROP_SPACING_MM, rng.uniform(-4, 4, 3))
    return {
        "coarse": _hu(render(anatomy, percent, coarse)),
        "coarse_maps": _bytes(heatmaps(anatomy, percent, coarse, COARSE_SIGMA_MM)),
        "coarse_origin": np.asarray(coarse.origin, dtype=np.float64),
        "cube": _hu(render(anatomy, percent, cube)),
        "cube_maps": _bytes(heatmaps(anatomy, percent, cube, FINE_SIGMA_MM)),
        "cube_origin": np.asarray(cube.origin, dtype=np.float64),
    }


def heart_bank(cache: Path, first_seed: int, count: int) -> Bank:
    """The hearts of ``count`` seeds from ``first_seed`` on, kept under ``cache``."""
    return Bank(cache / "hearts", first_seed, count, make_heart)


def _centred(size: int, spacing: float, shift: npt.NDArray) -> Grid:
    origin = shift - (size - 1) / 2 * spacing
    return Grid((size, size, size), tuple(origin), (spacing, spacing, spacing))


def _hu(image: npt.NDArray) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(image), -1024, 3071).astype(np.int16)


def _bytes(maps: npt.NDArray) -> npt.NDArray[np.uint8]:
    return np.rint(maps * 255).astype(np.uint8)
