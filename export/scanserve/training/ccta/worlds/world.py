"""A world made of a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scanserve.contracts.ct import AIR_HU
from scanserve.training.ccta.worlds.clutter import add_clutter, add_lung_vessels
from scanserve.training.ccta.worlds.deform import Deformation
from scanserve.training.ccta.worlds.frame import HALF_MM
from scanserve.training.ccta.worlds.painting import add_veins, add_vessels, lumen_hu
from scanserve.training.ccta.worlds.scan import cut, scanned
from scanserve.training.ccta.worlds.scene import Scene, Tree
from scanserve.training.ccta.worlds.tissue import RAISED, drift, raised, recolour, trabeculate

__all__ = ["World", "make_world"]

#: Share of phantom worlds whose tissues are recoloured wildly, of worlds whose brightness drifts, of cut worlds, of
#: worlds with vessels in their lungs and with trabeculae.
WILD, DRIFTS, CUTS, LUNGS, TRABECULAE = 0.6, 0.5, 0.5, 0.4, 0.4
#: How far a foreign tree lies from the middle along each axis at most, mm, and how radii vary.
FOREIGN_MM, RADII = 10.0, (0.8, 1.25)
#: How much faster than in its scene a tree moves.
FASTER = (0.2, 1.3)
#: The brightness of blood: this quantile of every n-th voxel of the middle of a world.
BLOOD_QUANTILE, EVERY = 0.97, 37


@dataclass(frozen=True)
class World:
    """An image on the working grid, float32 HU [z, y, x], and the samples of the centerlines inside it.

    ``points`` (N, 3) mm (z, y, x) from the middle of the grid, ``vessel`` (N,) numbers in ``VESSELS``.
    """

    hu: Tensor
    points: npt.NDArray[np.float64]
    vessel: npt.NDArray[np.intp]


def make_world(scene: Scene, rng: np.random.Generator, image: Tensor | None = None) -> World:
    """A random world of ``scene``, on the device of ``image``, which is ``scene.hu`` by default."""
    bent = Deformation.sample(rng)
    hu, inside = bent.warp(
        torch.from_numpy(np.ascontiguousarray(scene.hu)) if image is None else image, scene.centre
    )
    tree = _tree(scene, bent, rng)
    hu = _tissue(hu, scene, rng)
    add_clutter(hu, rng)
    if rng.random() < LUNGS:
        add_lung_vessels(hu, rng)
    if not scene.painted:
        level = lumen_hu(rng, _blood(hu))
        for vessel in np.unique(tree.vessel):
            add_veins(hu, tree.part(tree.vessel == vessel), level, rng)
        add_vessels(hu, tree, level, rng)
    hu = scanned(hu, rng)
    if rng.random() < CUTS:
        inside &= cut(rng, hu.device)
    hu[~inside] = AIR_HU
    seen = (np.abs(tree.points) < HALF_MM).all(axis=1)
    return World(hu, tree.points[seen], tree.vessel[seen])


def _tissue(hu: Tensor, scene: Scene, rng: np.random.Generator) -> Tensor:
    hu = recolour(hu, rng, wild=not scene.real and not scene.painted and rng.random() < WILD)
    if scene.real and not scene.own and not scene.painted and rng.random() < RAISED:
        hu = raised(hu, rng)
    if rng.random() < TRABECULAE:
        hu = trabeculate(hu, rng)
    return drift(hu, rng) if rng.random() < DRIFTS else hu


def _blood(hu: Tensor) -> float:
    """The brightness of the chambers, HU: a high quantile of the middle."""
    quarter = [size // 4 for size in hu.shape]
    middle = hu[tuple(slice(q, -q) for q in quarter)].reshape(-1)[::EVERY]
    return float(torch.quantile(middle, BLOOD_QUANTILE))


def _tree(scene: Scene, bent: Deformation, rng: np.random.Generator) -> Tree:
    """The tree in the world: with its heart, or deformed and placed on its own; it moves more or less."""
    vary, faster = rng.uniform(*RADII), rng.uniform(*FASTER)
    apart, place = bent, np.zeros(3)
    if not scene.own:
        apart, place = Deformation.sample(rng), rng.uniform(-FOREIGN_MM, FOREIGN_MM, 3)
    tree = scene.tree
    return Tree(
        apart.to_world(tree.points) + place,
        tree.radii * apart.scale * vary,
        tree.vessel,
        apart.turned(tree.moved) * faster,
    )
