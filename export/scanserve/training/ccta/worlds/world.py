"""A world made of a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ct import AIR_HU
from scanserve.training.ccta.worlds.clutter import add_clutter
from scanserve.training.ccta.worlds.deform import Deformation
from scanserve.training.ccta.worlds.frame import HALF_MM
from scanserve.training.ccta.worlds.painting import add_vessels
from scanserve.training.ccta.worlds.scan import cut, scanned
from scanserve.training.ccta.worlds.scene import Scene
from scanserve.training.ccta.worlds.tissue import drift, recolour

__all__ = ["World", "make_world"]

#: Share of phantom worlds whose tissues are recoloured wildly, of worlds whose brightness drifts, of cut worlds.
WILD, DRIFTS, CUTS = 0.6, 0.5, 0.5
#: How far a foreign tree lies from the middle along each axis at most, mm, and how radii vary.
FOREIGN_MM, RADII = 10.0, (0.8, 1.25)


@dataclass(frozen=True)
class World:
    """An image on the working grid, float32 HU [z, y, x], and the samples of the centerlines inside it.

    ``points`` (N, 3) mm (z, y, x) from the middle of the grid, ``vessel`` (N,) numbers in ``VESSELS``.
    """

    hu: npt.NDArray[np.float32]
    points: npt.NDArray[np.float64]
    vessel: npt.NDArray[np.intp]


def make_world(scene: Scene, rng: np.random.Generator) -> World:
    """A random world of ``scene``."""
    bent = Deformation.sample(rng)
    hu, inside = bent.warp(scene.hu, scene.centre)
    points, radii = _tree(scene, bent, rng)
    hu = recolour(hu, rng, wild=scene.own and not scene.painted and rng.random() < WILD)
    if rng.random() < DRIFTS:
        hu = drift(hu, rng)
    add_clutter(hu, rng)
    if not scene.painted:
        add_vessels(hu, points, radii, rng)
    hu = scanned(hu, rng)
    if rng.random() < CUTS:
        inside &= cut(rng)
    hu[~inside] = AIR_HU
    seen = (np.abs(points) < HALF_MM).all(axis=1)
    return World(hu, points[seen], scene.vessel[seen])


def _tree(scene: Scene, bent: Deformation, rng: np.random.Generator) -> tuple[npt.NDArray, npt.NDArray]:
    """Points and radii of the tree in the world: with its heart, or deformed and placed on its own."""
    vary = rng.uniform(*RADII)
    if scene.own:
        return bent.to_world(scene.points), scene.radii * bent.scale * vary
    apart = Deformation.sample(rng)
    place = rng.uniform(-FOREIGN_MM, FOREIGN_MM, 3)
    return apart.to_world(scene.points) + place, scene.radii * apart.scale * vary
