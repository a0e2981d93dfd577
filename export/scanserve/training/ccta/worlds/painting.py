"""Vessels painted along their lines: a sheath of fat, the lumen, calcium on its wall, and veins beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor

from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM
from scanserve.training.ccta.worlds.frame import places_mm, to_index
from scanserve.training.ccta.worlds.nearest import Near, nearest

__all__ = ["add_veins", "add_vessels", "lumen_hu", "paint_tubes"]

#: Brightness of the lumen, HU, and how much darker a thin vessel may be.
LUMEN_HU, THIN_LOSS = (180.0, 650.0), 0.35
#: Share of worlds whose lumen is as bright as the blood of the chambers, and how much it may differ from that.
AS_BLOOD, LIKE_BLOOD = 0.5, (0.7, 1.1)
#: Share of worlds with a sheath, its thickness (mm) and soft edge (mm); its brightness in most worlds and in others.
SHEATHS, SHEATH_MM, EDGE_MM = 0.7, (1.0, 5.0), 1.5
FAT_HU, FATS, OTHER_HU = (-130.0, -40.0), 0.8, (-40.0, 120.0)
#: A sheath does not replace lung, and in most worlds not blood either.
LUNG_HU, BLOOD_HU, KEEPS_BLOOD = -250.0, 180.0, 0.6
#: Most calcifications of a tree, their radius (mm) and brightness (HU).
CALCIFICATIONS, CALCIUM_MM, CALCIUM_HU = 7, (0.5, 1.8), (500.0, 1400.0)
#: Share of vessels with a vein, how far beside them it runs (mm, with a random drift), its radius and brightness beside
#: those of the artery, and the share of the artery's length along which it runs.
VEINS, BESIDE_MM, DRIFT_MM, VEIN_RADIUS, VEIN_LEVEL = 0.5, (3.0, 9.0), 2.5, (0.8, 1.6), (0.25, 0.85)


@dataclass(frozen=True)
class _Tree:
    """The voxels near a tree, with the radius (mm) of the nearest sample and how deep (mm) they lie inside it."""

    near: Near
    radius: Tensor
    depth: Tensor


def lumen_hu(rng: np.random.Generator, blood: float) -> float:
    """A brightness of the lumen: in some worlds about that of the chambers, ``blood``, if that is bright."""
    if rng.random() < AS_BLOOD and blood > LUMEN_HU[0]:
        return float(np.clip(blood * rng.uniform(*LIKE_BLOOD), *LUMEN_HU))
    return float(rng.uniform(*LUMEN_HU))


def add_vessels(
    hu: Tensor, points: npt.NDArray, radii: npt.NDArray, level: float, rng: np.random.Generator
) -> None:
    """Paint a tree of ``level`` HU with samples at ``points`` (N, 3) mm and ``radii`` (N,) mm into ``hu``, in place."""
    sheath = float(rng.uniform(*SHEATH_MM)) if rng.random() < SHEATHS else 0.0
    tree = _near(points, radii, sheath + 2, hu.device)
    values = hu.view(-1)
    if sheath:
        _add_sheath(values, tree, sheath, rng)
    _add_lumen(values, tree, level, rng)
    for _ in range(rng.integers(0, CALCIFICATIONS + 1)):
        _add_calcium(values, tree, points, radii, rng)


def add_veins(
    hu: Tensor, points: npt.NDArray, radii: npt.NDArray, level: float, rng: np.random.Generator
) -> None:
    """Veins run beside the arteries of ``points``, less bright: long thin structures that are not arteries."""
    if rng.random() >= VEINS or len(points) < 40:
        return
    first = int(rng.integers(0, len(points) - 30))
    part = slice(first, first + int(rng.integers(30, 400)))
    beside = rng.standard_normal(3)
    beside *= rng.uniform(*BESIDE_MM) / np.linalg.norm(beside)
    wander = ndimage.gaussian_filter1d(rng.standard_normal((len(points[part]), 3)), 15, axis=0)
    wander *= DRIFT_MM / (wander.std() + 1e-6)
    paint_tubes(
        hu,
        points[part] + beside + wander,
        radii[part] * rng.uniform(*VEIN_RADIUS),
        level * rng.uniform(*VEIN_LEVEL),
    )


def paint_tubes(hu: Tensor, points: npt.NDArray, radii: npt.NDArray, level: float) -> None:
    """Paint spheres of ``level`` HU around ``points`` (N, 3) mm with ``radii`` (N,) mm, in place."""
    tree = _near(points, radii, WORKING_SPACING_MM, hu.device)
    share = (tree.depth / WORKING_SPACING_MM + 0.5).clamp(0, 1) * tree.radius.clamp(max=1)
    _mix(hu.view(-1), tree, share, level)


def _near(points: npt.NDArray, radii: npt.NDArray, margin: float, device: torch.device) -> _Tree:
    reach = (float(radii.max()) + margin) / WORKING_SPACING_MM
    near = nearest(to_index(points), radii / WORKING_SPACING_MM, reach, WORKING_SHAPE, device)
    radius = torch.as_tensor(radii, dtype=torch.float32, device=device)[near.sphere]
    return _Tree(near, radius, near.depth * WORKING_SPACING_MM)


def _mix(values: Tensor, tree: _Tree, share: Tensor, level: float | Tensor) -> None:
    under = values[tree.near.flat]
    values[tree.near.flat] = under + share * (level - under)


def _add_sheath(values: Tensor, tree: _Tree, thickness: float, rng: np.random.Generator) -> None:
    level = float(rng.uniform(*(FAT_HU if rng.random() < FATS else OTHER_HU)))
    under = values[tree.near.flat]
    share = ((tree.depth + thickness) / EDGE_MM + 0.5).clamp(0, 1) * float(rng.uniform(0.5, 1))
    share = share * (under > LUNG_HU)
    if rng.random() < KEEPS_BLOOD:
        share = share * (under < BLOOD_HU)
    _mix(values, tree, share, level)


def _add_lumen(values: Tensor, tree: _Tree, level: float, rng: np.random.Generator) -> None:
    """The lumen; thin vessels fade by partial volume, by a random power."""
    share = (tree.depth / WORKING_SPACING_MM + 0.5).clamp(0, 1)
    share = share * ((tree.radius / 0.5) ** float(rng.uniform(0.2, 1.0))).clamp(max=1)
    darker = level * (1 - float(rng.uniform(0, THIN_LOSS)) * (1 - tree.radius / 2).clamp(0, 1))
    _mix(values, tree, share, darker)


def _add_calcium(
    values: Tensor, tree: _Tree, points: npt.NDArray, radii: npt.NDArray, rng: np.random.Generator
) -> None:
    """A round calcification at the wall of a random sample."""
    sample = rng.integers(len(points))
    place = points[sample] + rng.standard_normal(3) * radii[sample] * 0.7
    centre = torch.as_tensor(place, dtype=torch.float32, device=values.device)
    distance = (places_mm(tree.near.flat) - centre).norm(dim=1)
    share = (float(rng.uniform(*CALCIUM_MM)) - distance + 0.5).clamp(0, 1)
    _mix(values, tree, share, float(rng.uniform(*CALCIUM_HU)))
