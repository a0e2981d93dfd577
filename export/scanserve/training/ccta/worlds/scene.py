"""Scenes: a background and the lines of a coronary tree, before anything is randomised."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.geometry import Grid
from scanserve.phantoms.ccta import Anatomy, Ranges
from scanserve.phantoms.ccta.background import background

__all__ = ["SCENE_MM", "Scene", "Tree", "foreign_scene", "joined", "phantom_scene", "phantom_tree"]

#: Edge (voxels) and voxel size (mm) of the background of a phantom scene, and how far (mm) its middle lies from the
#: isocentre along each axis at most.
SCENE_VOXELS, SCENE_MM, OFF_CENTRE_MM = 192, 1.0, 12.0


@dataclass(frozen=True)
class Scene:
    """A background and a tree.

    Attributes:
        hu: int16 [z, y, x] at ``SCENE_MM``, without coronaries unless ``painted``.
        centre: the index (z, y, x) of ``hu`` that becomes the middle of the world.
        points: (N, 3) mm (z, y, x) from ``centre``, the samples of all centerlines.
        radii: (N,) mm.
        vessel: (N,) the number of each sample's vessel in ``VESSELS``.
        own: whether the tree belongs to this heart; a foreign tree is placed anywhere near ``centre``.
        painted: whether the vessels are in ``hu``.
        real: whether ``hu`` is a real CT, whose tissues have a texture of their own.
        mirrored: whether ``hu`` is that CT from right to left.
    """

    hu: npt.NDArray[np.int16]
    centre: npt.NDArray[np.float64]
    points: npt.NDArray[np.float64]
    radii: npt.NDArray[np.float64]
    vessel: npt.NDArray[np.intp]
    own: bool = True
    painted: bool = False
    real: bool = False
    mirrored: bool = False


@dataclass(frozen=True)
class Tree:
    """The samples of a coronary tree: ``points`` (N, 3) mm (z, y, x), ``radii`` (N,) mm, ``vessel`` (N,)."""

    points: npt.NDArray[np.float64]
    radii: npt.NDArray[np.float64]
    vessel: npt.NDArray[np.intp]


def phantom_scene(seed: int, ranges: Ranges) -> Scene:
    """The phantom of a seed at a random phase, with its own tree."""
    rng = np.random.default_rng(seed)
    anatomy, percent = Anatomy.sample(seed, ranges), float(rng.uniform(0, 100))
    middle = rng.uniform(-OFF_CENTRE_MM, OFF_CENTRE_MM, 3)  # (x, y, z)
    grid = Grid.centred((SCENE_VOXELS,) * 3, SCENE_MM, middle)
    hu = np.clip(np.rint(background(anatomy, percent, grid)), AIR_HU, MAX_HU).astype(np.int16)
    tree = _tree(anatomy, percent, middle)
    return Scene(hu, np.full(3, (SCENE_VOXELS - 1) / 2), tree.points, tree.radii, tree.vessel)


def phantom_tree(seed: int, ranges: Ranges) -> Tree:
    """The tree of a phantom at a random phase, around its own middle."""
    anatomy, percent = Anatomy.sample(seed, ranges), float(np.random.default_rng(seed).uniform(0, 100))
    tree = _tree(anatomy, percent, np.zeros(3))
    return replace(tree, points=tree.points - (tree.points.min(axis=0) + tree.points.max(axis=0)) / 2)


def foreign_scene(hu: npt.NDArray[np.int16], centre: npt.NDArray, tree: Tree, *, real: bool = False) -> Scene:
    """A background with a tree that does not belong to it."""
    return Scene(hu, centre, tree.points, tree.radii, tree.vessel, own=False, real=real)


def joined(anatomy: Anatomy, percent: float) -> tuple[npt.NDArray, npt.NDArray, npt.NDArray]:
    """The points (N, 3) LPS mm, radii and vessels of all branches of a patient at a phase."""
    branches = [(n, branch) for n, artery in enumerate(anatomy.vessels) for branch in artery.at(percent)]
    points = np.concatenate([branch.points for _, branch in branches])
    radii = np.concatenate([branch.radii for _, branch in branches])
    return points, radii, np.concatenate([np.full(len(branch.points), n) for n, branch in branches])


def _tree(anatomy: Anatomy, percent: float, middle: npt.NDArray) -> Tree:
    points, radii, vessel = joined(anatomy, percent)
    return Tree((points - middle)[:, ::-1], radii, vessel)
