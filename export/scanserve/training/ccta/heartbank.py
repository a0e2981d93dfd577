"""Phantom hearts for the two heat-map networks: the coarse volume, and a heart cube at crop resolution."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ccta import COARSE_SHAPE, COARSE_SPACING_MM, CROP_SPACING_MM
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.phantoms import ccta as phantom
from scanserve.phantoms.ccta import Acquisition, Anatomy, Grid, Ranges, heatmaps, render
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta.annotatedbank import open_phase, phase_bank
from scanserve.training.ccta.seeds import Split
from scanserve.training.recipe import Sources

__all__ = [
    "COARSE_SIGMA_MM",
    "CUBE",
    "FINE_SIGMA_MM",
    "coarse_bank",
    "heart_bank",
    "make_coarse",
    "make_heart",
]

#: Standard deviations of the Gaussian profile of heat maps.  At 2 mm voxels, 3 mm keeps a vessel connected; at 0.9 mm
#: voxels, 1.3 mm makes the ridge three voxels wide, enough for a sub-voxel centre.
COARSE_SIGMA_MM = 3.0
FINE_SIGMA_MM = 1.3
#: Voxels along each side of the heart cube: 176 x 0.9 mm = 158 mm holds the heart and shifted crops.
CUBE = 176


Arrays = dict[str, npt.NDArray]


class Heart(Protocol):
    """A heart at one cardiac phase, on any grid: HU float32 [z, y, x] and heat maps float32 [3, z, y, x]."""

    def hu(self, grid: Grid) -> npt.NDArray[np.float32]:
        """The image on a grid."""

    def maps(self, grid: Grid, sigma_mm: float) -> npt.NDArray[np.float32]:
        """The true heat maps with a Gaussian profile of ``sigma_mm``."""


@dataclass(frozen=True)
class PhantomHeart:
    """A phantom at one phase with the kernel of its scan, without noise."""

    anatomy: Anatomy
    percent: float
    psf_mm: float

    def hu(self, grid: Grid) -> npt.NDArray[np.float32]:
        """See :class:`Heart`."""
        return render(self.anatomy, self.percent, grid, self.psf_mm)

    def maps(self, grid: Grid, sigma_mm: float) -> npt.NDArray[np.float32]:
        """See :class:`Heart`."""
        return heatmaps(self.anatomy, self.percent, grid, sigma_mm)


def make_coarse(seed: int, ranges: Ranges) -> Arrays:
    """A phantom heart on the coarse grid, for a volume with its centre within 12 mm of the isocentre.

    Returns:
        ``coarse`` int16 [z, y, x] HU, ``coarse_maps`` uint8 [3, z, y, x], ``coarse_origin`` float64 (x, y, z) mm, LPS.
    """
    heart, place = _phantom(seed, ranges)
    return _coarse(heart, place)


def make_heart(seed: int, ranges: Ranges) -> Arrays:
    """The arrays of :func:`make_coarse`, and a cube around the same heart at crop resolution.

    Returns:
        The arrays of :func:`make_coarse`; ``cube`` int16, ``cube_maps`` uint8 and ``cube_origin`` like them.
    """
    heart, place = _phantom(seed, ranges)
    return _coarse(heart, place) | paint_cube(heart, -4 + 8 * place)


def make_annotated_coarse(folder: Path, number: int) -> Arrays:
    """The arrays of :func:`make_coarse` for an annotated phase; the grid is centred as in serving."""
    heart = open_phase(folder, number)
    return paint_coarse(heart, heart.volume.grid.centre)


def make_annotated_heart(folder: Path, number: int) -> Arrays:
    """The arrays of :func:`make_heart` for an annotated phase; the cube is centred on the annotations."""
    heart = open_phase(folder, number)
    return paint_coarse(heart, heart.volume.grid.centre) | paint_cube(heart, heart.centre)


def paint_coarse(heart: Heart, centre: npt.NDArray) -> Arrays:
    """A heart on the coarse grid around ``centre`` (x, y, z) mm LPS."""
    grid = Grid.centred((COARSE_SHAPE[0],) * 3, COARSE_SPACING_MM, centre)
    return _painted("coarse", heart, grid, COARSE_SIGMA_MM)


def paint_cube(heart: Heart, centre: npt.NDArray) -> Arrays:
    """A heart at crop resolution around ``centre`` (x, y, z) mm LPS."""
    return _painted("cube", heart, Grid.centred((CUBE,) * 3, CROP_SPACING_MM, centre), FINE_SIGMA_MM)


def coarse_bank(sources: Sources, split: Split, count: int) -> Bank:
    """Hearts on the coarse grid: ``count`` phantoms, or all phases of the annotated studies."""
    if sources.data is not None:
        return phase_bank(sources.cache, sources.data, split, make_annotated_coarse)
    return _phantom_bank("coarse", sources, split, count, make_coarse)


def heart_bank(sources: Sources, split: Split, count: int) -> Bank:
    """Hearts on both grids: ``count`` phantoms, or all phases of the annotated studies."""
    if sources.data is not None:
        return phase_bank(sources.cache, sources.data, split, make_annotated_heart)
    return _phantom_bank("hearts", sources, split, count, make_heart)


def _phantom_bank(name: str, sources: Sources, split: Split, count: int, make: Callable[..., Arrays]) -> Bank:
    folder = sources.cache / f"{name}-{split.ranges.name}-{fingerprint(phantom, sys.modules[__name__])}"
    return Bank(folder, split.first_seed, count, partial(make, ranges=split.ranges))


def _phantom(seed: int, ranges: Ranges) -> tuple[PhantomHeart, npt.NDArray[np.float64]]:
    """The phantom of a seed at a random phase, and a position (3,) from 0 to 1 in the range of grid centres."""
    rng = np.random.default_rng(seed)
    psf_mm = Acquisition.sample(seed, ranges).psf_mm
    return PhantomHeart(Anatomy.sample(seed, ranges), float(rng.uniform(0, 100)), psf_mm), rng.random(3)


def _coarse(heart: PhantomHeart, place: npt.NDArray) -> Arrays:
    return paint_coarse(heart, -12 + 24 * place)


def _painted(name: str, heart: Heart, grid: Grid, sigma: float) -> Arrays:
    return {
        name: _hu(heart.hu(grid)),
        f"{name}_maps": _bytes(heart.maps(grid, sigma)),
        f"{name}_origin": grid.origin,
    }


def _hu(image: npt.NDArray) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(image), AIR_HU, MAX_HU).astype(np.int16)


def _bytes(maps: npt.NDArray) -> npt.NDArray[np.uint8]:
    return np.rint(maps * 255).astype(np.uint8)
