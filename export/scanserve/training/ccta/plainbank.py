"""Samples of phantom hearts as the phantom draws them, in place of random worlds; an ablation learns from them."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM
from scanserve.contracts.ct import AIR_HU
from scanserve.geometry import Grid
from scanserve.networks import ccta as networks
from scanserve.phantoms import ccta as phantom
from scanserve.phantoms.ccta import Acquisition, Anatomy, Ranges
from scanserve.phantoms.ccta.study import grid_of, scanned
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta import worldbank
from scanserve.training.ccta.seeds import Split
from scanserve.training.ccta.worldbank import WORLD_STREAM, Arrays, sample_of
from scanserve.training.ccta.worlds import World
from scanserve.training.ccta.worlds.frame import HALF_MM
from scanserve.training.ccta.worlds.scene import OFF_CENTRE_MM, joined

__all__ = ["make_plain_sample", "plain_bank", "plain_world"]


def plain_bank(cache: Path, split: Split, count: int) -> Bank:
    """``count`` phantom hearts of ``split``, none of them randomised."""
    code = fingerprint(phantom, networks, worldbank, sys.modules[__name__])
    folder = cache / f"plain-{split.ranges.name}-{code}"
    return Bank(folder, split.first_seed, count, partial(make_plain_sample, ranges=split.ranges))


def make_plain_sample(seed: int, *, ranges: Ranges) -> Arrays:
    """The arrays of :func:`~scanserve.training.ccta.worldbank.make_sample` for a phantom heart."""
    rng = np.random.default_rng((seed, WORLD_STREAM))
    return sample_of(plain_world(seed, ranges, rng), rng)


def plain_world(seed: int, ranges: Ranges, rng: np.random.Generator) -> World:
    """The phantom of a seed, scanned once at a random phase with its own vessels, near the middle of the grid."""
    anatomy, percent = Anatomy.sample(seed, ranges), float(rng.uniform(0, 100))
    scan = Acquisition.sample(seed, ranges)
    middle = rng.uniform(-OFF_CENTRE_MM, OFF_CENTRE_MM, 3)  # (x, y, z)
    grid = Grid.centred(WORKING_SHAPE, WORKING_SPACING_MM, middle)
    hu = scanned(anatomy, scan, percent, grid)
    hu[~_seen(grid, grid_of(anatomy, scan))] = AIR_HU
    tree = joined(anatomy, percent).about(middle[::-1])
    inside = (np.abs(tree.points) < HALF_MM).all(axis=1)
    return World(torch.from_numpy(hu), tree.points[inside], tree.vessel[inside])


def _seen(grid: Grid, scan: Grid) -> npt.NDArray[np.bool_]:
    """Which voxels [z, y, x] of ``grid`` lie in the field of view of a scan."""
    low, high = scan.bounds()
    axes = [
        grid.origin[axis] + grid.spacing[axis] * np.arange(size) for axis, size in enumerate(grid.shape[::-1])
    ]
    x, y, z = ((line >= a) & (line <= b) for line, a, b in zip(axes, low, high, strict=True))
    return z[:, None, None] & y[:, None] & x
