"""Vessels painted along their lines: a sheath of fat, the lumen, calcium on its wall, and veins beside them.

An artery is painted at several moments of the acquisition window and averaged, so that a fast one is smeared, doubled
or cut by the rays as in a real scan (:mod:`scanserve.phantoms.ccta.gantry` says how).

Symbols: V voxels near a tree, T moments.
"""

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
from scanserve.training.ccta.worlds.scene import Tree

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
#: Most veins of a vessel and the chance of each, how far beside it they run (mm, with a random drift), and their radius
#: and brightness beside those of the artery.
VEINS, VEIN, BESIDE_MM, DRIFT_MM, VEIN_RADIUS, VEIN_LEVEL = 2, 0.4, (2.5, 9.0), 2.5, (0.8, 1.6), (0.25, 0.9)
#: How far (mm) a vessel moves from its middle at most, the distance between moments, and how many there are at most.
MOST_MM, STEP_MM, MOST_MOMENTS = 6.0, 1.2, 10
#: Share of worlds in which walls are seen at different moments and how strongly, the distance (mm) from the axis within
#: which a direction is unreliable, and the least sum of weights as a share of the moments.
PARTIALS, PARTIAL, AXIS_MM, LEAST = 0.5, (0.0, 1.2), 0.5, 0.2
#: Samples farther apart (mm) belong to different branches.
GAP_MM = 2.5


@dataclass(frozen=True)
class _Region:
    """The voxels near a tree.

    Attributes:
        near: with the nearest sample of each.
        radius: (V,) mm, of that sample.
        depths: [T, V] mm, how deep they lie inside the vessel at each moment.
        weights: [T, V], what each moment counts; the mean over the moments is about 1.
    """

    near: Near
    radius: Tensor
    depths: Tensor
    weights: Tensor

    def mean(self, share: Tensor) -> Tensor:
        """``share`` [T, V] of the moments, averaged."""
        return ((share * self.weights).sum(0) / self.weights.sum(0).clamp_min(LEAST * len(share))).clamp(0, 1)


def lumen_hu(rng: np.random.Generator, blood: float) -> float:
    """A brightness of the lumen: in some worlds about that of the chambers, ``blood``, if that is bright."""
    if rng.random() < AS_BLOOD and blood > LUMEN_HU[0]:
        return float(np.clip(blood * rng.uniform(*LIKE_BLOOD), *LUMEN_HU))
    return float(rng.uniform(*LUMEN_HU))


def add_vessels(hu: Tensor, tree: Tree, level: float, rng: np.random.Generator) -> None:
    """Paint ``tree``, moving, with a lumen of ``level`` HU into ``hu`` (the working grid), in place."""
    sheath = float(rng.uniform(*SHEATH_MM)) if rng.random() < SHEATHS else 0.0
    region = _around(tree, sheath + 2, hu.device, rng)
    values = hu.view(-1)
    if sheath:
        _add_sheath(values, region, sheath, rng)
    _add_lumen(values, region, level, rng)
    for _ in range(rng.integers(0, CALCIFICATIONS + 1)):
        _add_calcium(values, region, tree, rng)


def add_veins(hu: Tensor, tree: Tree, level: float, rng: np.random.Generator) -> None:
    """Veins run beside the arteries of ``tree``, less bright: long thin structures that are not arteries."""
    if len(tree.points) < 40:
        return
    for _ in range(VEINS):
        if rng.random() < VEIN:
            _add_vein(hu, tree, level * rng.uniform(*VEIN_LEVEL), rng)


def paint_tubes(hu: Tensor, points: npt.NDArray, radii: npt.NDArray, level: float) -> None:
    """Paint spheres of ``level`` HU around ``points`` (N, 3) mm with ``radii`` (N,) mm, in place."""
    near, radius = _near(points, radii, WORKING_SPACING_MM, hu.device)
    share = (near.depth + 0.5).clamp(0, 1) * radius.clamp(max=1)
    _mix(hu.view(-1), near, share, level)


def _near(
    points: npt.NDArray, radii: npt.NDArray, margin: float, device: torch.device
) -> tuple[Near, Tensor]:
    """The voxels within ``margin`` mm of spheres, and the radius (mm) of the nearest sphere of each."""
    reach = (float(radii.max()) + margin) / WORKING_SPACING_MM
    near = nearest(to_index(points), radii / WORKING_SPACING_MM, reach, WORKING_SHAPE, device)
    return near, torch.as_tensor(radii, dtype=torch.float32, device=device)[near.sphere]


def _around(tree: Tree, margin: float, device: torch.device, rng: np.random.Generator) -> _Region:
    """The voxels within ``margin`` mm of a moving tree, seen at moments that lie at most ``STEP_MM`` apart."""
    travel = float(np.linalg.norm(tree.moved, axis=2).max())
    moved = tree.moved * min(1.0, MOST_MM / max(travel, 1e-6))
    travel = min(travel, MOST_MM)
    near, radius = _near(tree.points, tree.radii, margin + travel, device)
    strength = float(rng.uniform(*PARTIAL)) if rng.random() < PARTIALS else 0.0
    start = float(rng.uniform(0, 2 * np.pi))
    moved = _between(moved, int(np.clip(np.ceil(2 * travel / STEP_MM), 1, MOST_MOMENTS)))
    angles = start + np.pi * (np.arange(len(moved)) + 0.5) / len(moved)
    points, tangents, paths = (
        torch.as_tensor(a, dtype=torch.float32, device=device)
        for a in (tree.points, _tangents(tree.points), moved)
    )
    offset, along = places_mm(near.flat) - points[near.sphere], tangents[near.sphere]
    seen = [_moment(offset - path[near.sphere], path[near.sphere], along) for path in paths]
    return _Region(
        near,
        radius,
        torch.stack([radius - across.norm(dim=1) for across in seen]),
        torch.stack([_share(across, float(a), strength) for across, a in zip(seen, angles, strict=True)]),
    )


def _moment(offset: Tensor, move: Tensor, tangent: Tensor) -> Tensor:
    """The offset (V, 3) from the vessel, which has moved by ``move`` (V, 3): along itself it may move unseen."""
    most = (move * tangent).sum(1).abs()
    along = (offset * tangent).sum(1)
    return offset - torch.minimum(torch.maximum(along, -most), most)[:, None] * tangent


def _share(offset: Tensor, angle: float, strength: float) -> Tensor:
    """What a moment with rays at ``angle`` counts at ``offset`` (V, 3), see :mod:`scanserve.phantoms.ccta.gantry`."""
    y, x = offset[:, 1], offset[:, 2]
    double = float(np.cos(2 * angle)) * (x * x - y * y) + float(2 * np.sin(2 * angle)) * x * y
    return 1 - strength * double / (x * x + y * y + AXIS_MM**2)


def _between(moved: npt.NDArray, count: int) -> npt.NDArray:
    """A path (T, N, 3) at ``count`` moments, linearly interpolated; the middle alone for one."""
    if count == 1 or len(moved) == 1:
        return moved[len(moved) // 2][None]
    place = np.linspace(0, len(moved) - 1, count)
    low = np.minimum(place.astype(int), len(moved) - 2)
    part = (place - low)[:, None, None]
    return np.asarray(moved[low] * (1 - part) + moved[low + 1] * part)


def _tangents(points: npt.NDArray) -> npt.NDArray:
    """Unit tangents (N, 3); a step longer than ``GAP_MM`` leads to another branch."""
    steps = np.diff(points, axis=0)
    steps[np.linalg.norm(steps, axis=1) > GAP_MM] = 0
    none = np.zeros((1, 3))
    sums = np.concatenate([none, steps]) + np.concatenate([steps, none])
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6))


def _mix(values: Tensor, near: Near, share: Tensor, level: float | Tensor) -> None:
    under = values[near.flat]
    values[near.flat] = under + share * (level - under)


def _add_vein(hu: Tensor, tree: Tree, level: float, rng: np.random.Generator) -> None:
    first = int(rng.integers(0, len(tree.points) - 30))
    part = tree.part(slice(first, first + int(rng.integers(30, 400))))
    beside = rng.standard_normal(3)
    beside *= rng.uniform(*BESIDE_MM) / np.linalg.norm(beside)
    wander = ndimage.gaussian_filter1d(rng.standard_normal((len(part.points), 3)), 15, axis=0)
    wander *= DRIFT_MM / (wander.std() + 1e-6)
    paint_tubes(hu, part.points + beside + wander, part.radii * rng.uniform(*VEIN_RADIUS), level)


def _add_sheath(values: Tensor, region: _Region, thickness: float, rng: np.random.Generator) -> None:
    level = float(rng.uniform(*(FAT_HU if rng.random() < FATS else OTHER_HU)))
    under = values[region.near.flat]
    share = ((region.depths + thickness) / EDGE_MM + 0.5).clamp(0, 1).mean(0) * float(rng.uniform(0.5, 1))
    share = share * (under > LUNG_HU)
    if rng.random() < KEEPS_BLOOD:
        share = share * (under < BLOOD_HU)
    _mix(values, region.near, share, level)


def _add_lumen(values: Tensor, region: _Region, level: float, rng: np.random.Generator) -> None:
    """The lumen; thin vessels fade by partial volume, by a random power."""
    share = region.mean((region.depths / WORKING_SPACING_MM + 0.5).clamp(0, 1))
    share = share * ((region.radius / 0.5) ** float(rng.uniform(0.2, 1.0))).clamp(max=1)
    darker = level * (1 - float(rng.uniform(0, THIN_LOSS)) * (1 - region.radius / 2).clamp(0, 1))
    _mix(values, region.near, share, darker)


def _add_calcium(values: Tensor, region: _Region, tree: Tree, rng: np.random.Generator) -> None:
    """A round calcification at the wall of a random sample."""
    sample = rng.integers(len(tree.points))
    place = tree.points[sample] + rng.standard_normal(3) * tree.radii[sample] * 0.7
    centre = torch.as_tensor(place, dtype=torch.float32, device=values.device)
    distance = (places_mm(region.near.flat) - centre).norm(dim=1)
    share = (float(rng.uniform(*CALCIUM_MM)) - distance + 0.5).clamp(0, 1)
    _mix(values, region.near, share, float(rng.uniform(*CALCIUM_HU)))
