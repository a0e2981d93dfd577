"""Clutter: tubes, blobs and plates as bright as vessels, anywhere, that are not coronary arteries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM
from scanserve.training.ccta.worlds.frame import HALF_MM, MIDDLE, around

__all__ = ["add_clutter"]

#: Most tubes and most bodies of a world, and the range of their brightness (HU).
TUBES, BODIES, LEVEL_HU = 9, 4, (150.0, 600.0)
#: Range of the radius of a tube and of its extent, mm; its samples and the smoothness of its course in samples.
TUBE_MM, EXTENT_MM, SAMPLES, SMOOTH = (0.6, 4.5), (20.0, 90.0), 80, 12
#: Share of bodies that are ellipsoids; the others are plates.  Ranges of half axes, mm.
ELLIPSOIDS, BODY_MM, PLATE_MM, PLATE_HALF_MM = 0.7, (2.0, 22.0), (15.0, 40.0), (1.0, 2.5)

Image = npt.NDArray[np.float32]


def add_clutter(hu: Image, rng: np.random.Generator) -> None:
    """Paint a random number of tubes and bodies into ``hu`` (the working grid), in place."""
    level = float(rng.uniform(*LEVEL_HU))
    for _ in range(rng.integers(0, TUBES + 1)):
        _add_tube(hu, level * rng.uniform(0.5, 1.2), rng)
    for _ in range(rng.integers(0, BODIES + 1)):
        _add_body(hu, level * rng.uniform(0.3, 1.3), rng)


def _add_tube(hu: Image, level: float, rng: np.random.Generator) -> None:
    """A tube along a smooth random walk."""
    turns = ndimage.gaussian_filter1d(rng.standard_normal((SAMPLES, 3)), SMOOTH, axis=0)
    course = np.cumsum(turns, axis=0)
    course *= rng.uniform(*EXTENT_MM) / (np.abs(course - course[0]).max() + 1e-6)
    course += rng.uniform(-0.8, 0.8, 3) * HALF_MM
    radius = float(rng.uniform(*TUBE_MM))
    flat, places = around(course, radius + WORKING_SPACING_MM)
    if not len(flat):
        return
    distance, _ = cKDTree(course).query(places)
    share = np.clip((radius - distance) / WORKING_SPACING_MM + 0.5, 0, 1) * min(1.0, radius)
    _mix(hu.reshape(-1), flat, share, level)


def _add_body(hu: Image, level: float, rng: np.random.Generator) -> None:
    """An ellipsoid, or a plate."""
    centre = rng.uniform(-1, 1, 3) * HALF_MM
    if rng.random() < ELLIPSOIDS:
        half = rng.uniform(*BODY_MM, 3)
    else:
        half = rng.permutation([rng.uniform(*PLATE_HALF_MM), *rng.uniform(*PLATE_MM, 2)])
    low = np.clip(((centre - half) / WORKING_SPACING_MM + MIDDLE).astype(int), 0, WORKING_SHAPE)
    high = np.clip(((centre + half) / WORKING_SPACING_MM + MIDDLE).astype(int) + 2, 0, WORKING_SHAPE)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    axes = np.ogrid[box]
    terms = [
        (((axis - middle) * WORKING_SPACING_MM - c) / h) ** 2
        for axis, middle, c, h in zip(axes, MIDDLE, centre, half, strict=True)
    ]
    radius = np.sqrt(terms[0] + terms[1] + terms[2])
    share = np.clip((1 - radius) * half.min() / WORKING_SPACING_MM + 0.5, 0, 1)
    hu[box] += (share * (level - hu[box])).astype(np.float32)


def _mix(values: Image, flat: npt.NDArray, share: npt.NDArray, level: float) -> None:
    values[flat] += (share * (level - values[flat])).astype(np.float32)
