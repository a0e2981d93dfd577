"""Clutter: tubes, blobs and plates as bright as vessels, and vessels of the lung; none is a coronary artery."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor

from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM
from scanserve.training.ccta.worlds.frame import HALF_MM, MIDDLE
from scanserve.training.ccta.worlds.painting import paint_tubes

__all__ = ["add_clutter", "add_lung_vessels"]

#: Most tubes and most bodies of a world, and the range of their brightness (HU).
TUBES, BODIES, LEVEL_HU = 9, 4, (150.0, 600.0)
#: Range of the radius of a tube and of its extent, mm; its samples and the smoothness of its course in samples.
TUBE_MM, EXTENT_MM, SAMPLES, SMOOTH = (0.6, 4.5), (20.0, 90.0), 160, 24
#: Share of bodies that are ellipsoids; the others are plates.  Ranges of half axes, mm.
ELLIPSOIDS, BODY_MM, PLATE_MM, PLATE_HALF_MM = 0.7, (2.0, 22.0), (15.0, 40.0), (1.0, 2.5)
#: What counts as lung, the most vessels in it, their radius and extent (mm).
LUNG_HU, LUNG_VESSELS, LUNG_MM, LUNG_EXTENT_MM = -500.0, 60, (0.6, 3.0), (15.0, 70.0)


def add_clutter(hu: Tensor, rng: np.random.Generator) -> None:
    """Paint a random number of tubes and bodies into ``hu`` (the working grid), in place."""
    level = float(rng.uniform(*LEVEL_HU))
    for _ in range(rng.integers(0, TUBES + 1)):
        course = _course(rng, EXTENT_MM) + rng.uniform(-0.8, 0.8, 3) * HALF_MM
        paint_tubes(hu, course, np.full(len(course), rng.uniform(*TUBE_MM)), level * rng.uniform(0.5, 1.2))
    for _ in range(rng.integers(0, BODIES + 1)):
        _add_body(hu, level * float(rng.uniform(0.3, 1.3)), rng)


def add_lung_vessels(hu: Tensor, rng: np.random.Generator) -> None:
    """Paint tapering tubes of one brightness that begin in the lung, in place; without lung, nothing."""
    lung = (hu.view(-1)[::997] < LUNG_HU).nonzero()[:, 0].cpu().numpy() * 997
    if len(lung) < 20:
        return
    level = float(rng.uniform(*LEVEL_HU))
    starts = rng.choice(lung, int(rng.integers(1, LUNG_VESSELS + 1)))
    places = (np.stack(np.unravel_index(starts, WORKING_SHAPE), axis=1) - MIDDLE) * WORKING_SPACING_MM
    courses = [_course(rng, LUNG_EXTENT_MM)[: SAMPLES // 2] + place for place in places]
    radii = [rng.uniform(*LUNG_MM) * np.linspace(1, 0.4, SAMPLES // 2) for _ in courses]
    paint_tubes(hu, np.concatenate(courses), np.concatenate(radii), level)


def _course(rng: np.random.Generator, extent: tuple[float, float]) -> npt.NDArray:
    """A smooth random walk (N, 3) mm from the origin."""
    turns = ndimage.gaussian_filter1d(rng.standard_normal((SAMPLES, 3)), SMOOTH, axis=0)
    course = np.cumsum(turns, axis=0)
    course -= course[0]
    return course * (rng.uniform(*extent) / (np.abs(course).max() + 1e-6))


def _add_body(hu: Tensor, level: float, rng: np.random.Generator) -> None:
    """An ellipsoid, or a plate."""
    centre = rng.uniform(-1, 1, 3) * HALF_MM
    if rng.random() < ELLIPSOIDS:
        half = rng.uniform(*BODY_MM, 3)
    else:
        half = rng.permutation([rng.uniform(*PLATE_HALF_MM), *rng.uniform(*PLATE_MM, 2)])
    low = np.clip(((centre - half) / WORKING_SPACING_MM + MIDDLE).astype(int), 0, WORKING_SHAPE)
    high = np.clip(((centre + half) / WORKING_SPACING_MM + MIDDLE).astype(int) + 2, 0, WORKING_SHAPE)
    radius = torch.zeros((), device=hu.device)
    for axis in range(3):
        line = torch.arange(low[axis], high[axis], device=hu.device)
        term = ((line - float(MIDDLE[axis])) * WORKING_SPACING_MM - float(centre[axis])) / float(half[axis])
        radius = radius + (term**2).reshape([-1 if a == axis else 1 for a in range(3)])
    share = ((1 - radius.sqrt()) * float(half.min()) / WORKING_SPACING_MM + 0.5).clamp(0, 1)
    box = hu[tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))]
    box += share * (level - box)
