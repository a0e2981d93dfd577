"""Phantom hearts for the two heat-map networks: the coarse volume, and one heart cube at crop resolution."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ccta import COARSE_SHAPE, COARSE_SPACING_MM, CROP_SPACING_MM
from scanserve.phantoms import heart as phantom
from scanserve.phantoms.heart import Anatomy, Grid, heatmaps, render
from scanserve.training.bank import Bank, fingerprint

__all__ = [
    "COARSE_SIGMA_MM",
    "CUBE",
    "FINE_SIGMA_MM",
    "coarse_bank",
    "heart_bank",
    "make_coarse",
    "make_heart",
]

#: Widths of the heat maps' Gaussian profile.  At 2 mm voxels 3 mm keeps a vessel connected; at 0.9 mm voxels
#: 1.3 mm gives the ridge three voxels, enough for a sub-voxel centre.
COARSE_SIGMA_MM = 3.0
FINE_SIGMA_MM = 1.3
#: Voxels along each side of the heart cube: 176 x 0.9 mm = 158 mm, the heart with room for shifted crops.
CUBE = 176


def make_coarse(seed: int) -> dict[str, npt.NDArray]:
    """One heart at one cardiac phase, noiseless, on the coarse grid centred on a randomly shifted volume.

    Returns:
        ``coarse`` int16 [z, y, x] HU, ``coarse_maps`` uint8 [3, z, y, x], ``coarse_origin`` float64 (x, y, z) mm, LPS.
    """
    anatomy, percent, rng = _patient(seed)
    grid = _centred(COARSE_SHAPE[0], COARSE_SPACING_MM, rng.uniform(-12, 12, 3))
    return _painted("coarse", anatomy, percent, grid, COARSE_SIGMA_MM)


def make_heart(seed: int) -> dict[str, npt.NDArray]:
    """What :func:`make_coarse` gives, and a cube around the same heart at crop resolution.

    Returns:
        The arrays of :func:`make_coarse`; ``cube`` int16, ``cube_maps`` uint8 and ``cube_origin`` like them.
    """
    anatomy, percent, rng = _patient(seed)
    grid = _centred(CUBE, CROP_SPACING_MM, rng.uniform(-4, 4, 3))
    return make_coarse(seed) | _painted("cube", anatomy, percent, grid, FINE_SIGMA_MM)


def coarse_bank(cache: Path, first_seed: int, count: int) -> Bank:
    """The coarse hearts of ``count`` seeds from ``first_seed`` on, kept under ``cache``."""
    return Bank(cache / f"coarse-{_fingerprint()}", first_seed, count, make_coarse)


def heart_bank(cache: Path, first_seed: int, count: int) -> Bank:
    """The hearts of ``count`` seeds from ``first_seed`` on, kept under ``cache``."""
    return Bank(cache / f"hearts-{_fingerprint()}", first_seed, count, make_heart)


def _fingerprint() -> str:
    return fingerprint(phantom, sys.modules[__name__])


def _patient(seed: int) -> tuple[Anatomy, float, np.random.Generator]:
    """The patient of a seed, the phase in percent, and what further draws come from."""
    rng = np.random.default_rng(seed)
    return Anatomy.sample(seed), float(rng.uniform(0, 100)), rng


def _painted(name: str, anatomy: Anatomy, percent: float, grid: Grid, sigma: float) -> dict[str, npt.NDArray]:
    return {
        name: _hu(render(anatomy, percent, grid)),
        f"{name}_maps": _bytes(heatmaps(anatomy, percent, grid, sigma)),
        f"{name}_origin": np.asarray(grid.origin, dtype=np.float64),
    }


def _centred(size: int, spacing: float, shift: npt.NDArray) -> Grid:
    origin = shift - (size - 1) / 2 * spacing
    return Grid((size, size, size), tuple(origin), (spacing, spacing, spacing))


def _hu(image: npt.NDArray) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(image), -1024, 3071).astype(np.int16)


def _bytes(maps: npt.NDArray) -> npt.NDArray[np.uint8]:
    return np.rint(maps * 255).astype(np.uint8)
