"""Vessels painted along their lines: a sheath of fat, the lumen, and calcium on its wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from scanserve.contracts.ccta import WORKING_SPACING_MM
from scanserve.training.ccta.worlds.frame import around

__all__ = ["add_vessels"]

#: Brightness of the lumen, HU, and how much darker a thin vessel may be.
LUMEN_HU, THIN_LOSS = (180.0, 650.0), 0.35
#: Share of worlds with a sheath, its thickness (mm) and soft edge (mm); its brightness in most worlds and in others.
SHEATHS, SHEATH_MM, EDGE_MM = 0.7, (1.0, 5.0), 1.5
FAT_HU, FATS, OTHER_HU = (-130.0, -40.0), 0.8, (-40.0, 120.0)
#: A sheath does not replace lung, and in most worlds not blood either.
LUNG_HU, BLOOD_HU, KEEPS_BLOOD = -250.0, 180.0, 0.6
#: Most calcifications of a tree, their radius (mm) and brightness (HU).
CALCIFICATIONS, CALCIUM_MM, CALCIUM_HU = 7, (0.5, 1.8), (500.0, 1400.0)


@dataclass(frozen=True)
class _Near:
    """The voxels near a tree: flat indices and places, and distance and radius of the nearest sample, mm."""

    flat: npt.NDArray
    places: npt.NDArray
    distance: npt.NDArray
    radius: npt.NDArray


def add_vessels(
    hu: npt.NDArray[np.float32], points: npt.NDArray, radii: npt.NDArray, rng: np.random.Generator
) -> None:
    """Paint a tree with samples at ``points`` (N, 3) mm and ``radii`` (N,) mm into ``hu``, in place."""
    sheath = float(rng.uniform(*SHEATH_MM)) if rng.random() < SHEATHS else 0.0
    flat, places = around(points, float(radii.max()) + sheath + 2)
    if not len(flat):
        return
    distance, nearest = cKDTree(points).query(places)
    near = _Near(flat, places, distance, radii[nearest])
    values = hu.reshape(-1)
    if sheath:
        _add_sheath(values, near, sheath, rng)
    _add_lumen(values, near, rng)
    for _ in range(rng.integers(0, CALCIFICATIONS + 1)):
        _add_calcium(values, near, points, radii, rng)


def _add_sheath(values: npt.NDArray, near: _Near, thickness: float, rng: np.random.Generator) -> None:
    level = rng.uniform(*(FAT_HU if rng.random() < FATS else OTHER_HU))
    under = values[near.flat]
    share = np.clip((near.radius + thickness - near.distance) / EDGE_MM + 0.5, 0, 1) * rng.uniform(0.5, 1)
    share = share * (under > LUNG_HU)
    if rng.random() < KEEPS_BLOOD:
        share = share * (under < BLOOD_HU)
    values[near.flat] += share * (level - under)


def _add_lumen(values: npt.NDArray, near: _Near, rng: np.random.Generator) -> None:
    """The lumen; thin vessels fade by partial volume, by a random power."""
    level, power = rng.uniform(*LUMEN_HU), rng.uniform(0.2, 1.0)
    share = np.clip((near.radius - near.distance) / WORKING_SPACING_MM + 0.5, 0, 1)
    share = share * np.minimum(1, (near.radius / 0.5) ** power)
    darker = level * (1 - rng.uniform(0, THIN_LOSS) * np.clip(1 - near.radius / 2, 0, 1))
    values[near.flat] += share * (darker - values[near.flat])


def _add_calcium(
    values: npt.NDArray, near: _Near, points: npt.NDArray, radii: npt.NDArray, rng: np.random.Generator
) -> None:
    """A round calcification at the wall of a random sample."""
    sample = rng.integers(len(points))
    place = points[sample] + rng.standard_normal(3) * radii[sample] * 0.7
    share = np.clip(rng.uniform(*CALCIUM_MM) - np.linalg.norm(near.places - place, axis=1) + 0.5, 0, 1)
    values[near.flat] += share * (rng.uniform(*CALCIUM_HU) - values[near.flat])
