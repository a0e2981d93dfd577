"""Scenes: a background and the lines of a coronary tree, before anything is randomised."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.geometry import Grid
from scanserve.phantoms.ccta import Anatomy, Ranges
from scanserve.phantoms.ccta.background import background
from scanserve.phantoms.ccta.motion import sub_times

__all__ = ["SCENE_MM", "TREE", "Scene", "Tree", "foreign_scene", "joined", "phantom_scene", "phantom_tree"]

#: Edge (voxels) and voxel size (mm) of the background of a phantom scene, and how far (mm) its middle lies from the
#: isocentre along each axis at most.
SCENE_VOXELS, SCENE_MM, OFF_CENTRE_MM = 192, 1.0, 12.0
#: The arrays of a tree.
TREE = ("points", "radii", "vessel", "moved")
#: Moments of the acquisition window at which a tree is known.
MOMENTS = 5


@dataclass(frozen=True)
class Tree:
    """The samples of a coronary tree.

    Attributes:
        points: (N, 3) mm (z, y, x), in the middle of the acquisition window.
        radii: (N,) mm.
        vessel: (N,) the number of each sample's vessel in ``VESSELS``.
        moved: (T, N, 3) mm (z, y, x), how far each sample lies from its point at T moments of the window; T may be 1.
    """

    points: npt.NDArray[np.float64]
    radii: npt.NDArray[np.float64]
    vessel: npt.NDArray[np.intp]
    moved: npt.NDArray[np.floating]

    @classmethod
    def still(cls, points: npt.NDArray, radii: npt.NDArray, vessel: npt.NDArray) -> Tree:
        """A tree that does not move."""
        return cls(points, radii, vessel, np.zeros((1, *points.shape), np.float32))

    def about(self, place: npt.NDArray) -> Tree:
        """The same tree with ``place`` (3,) as its origin."""
        return replace(self, points=self.points - place)

    def centred(self) -> Tree:
        """The same tree around its own middle."""
        return self.about((self.points.min(axis=0) + self.points.max(axis=0)) / 2)

    def part(self, chosen: slice | npt.NDArray[np.bool_]) -> Tree:
        """Some of its samples."""
        return Tree(self.points[chosen], self.radii[chosen], self.vessel[chosen], self.moved[:, chosen])


@dataclass(frozen=True)
class Scene:
    """A background and a tree.

    Attributes:
        hu: int16 [z, y, x] at ``SCENE_MM``, without coronaries unless ``painted``.
        centre: the index (z, y, x) of ``hu`` that becomes the middle of the world.
        tree: all centerlines, from ``centre``.
        own: whether the tree belongs to this heart; a foreign tree is placed anywhere near ``centre``.
        painted: whether the vessels are in ``hu``.
        real: whether ``hu`` is a real CT, whose tissues have a texture of their own.
        mirrored: whether ``hu`` is that CT from right to left.
    """

    hu: npt.NDArray[np.int16]
    centre: npt.NDArray[np.float64]
    tree: Tree
    own: bool = True
    painted: bool = False
    real: bool = False
    mirrored: bool = False


def phantom_scene(seed: int, ranges: Ranges) -> Scene:
    """The phantom of a seed at a random phase, with its own tree."""
    rng = np.random.default_rng(seed)
    anatomy, percent = Anatomy.sample(seed, ranges), float(rng.uniform(0, 100))
    middle = rng.uniform(-OFF_CENTRE_MM, OFF_CENTRE_MM, 3)  # (x, y, z)
    grid = Grid.centred((SCENE_VOXELS,) * 3, SCENE_MM, middle)
    hu = np.clip(np.rint(background(anatomy, percent, grid)), AIR_HU, MAX_HU).astype(np.int16)
    tree = joined(anatomy, percent).about(middle[::-1])
    return Scene(hu, np.full(3, (SCENE_VOXELS - 1) / 2), tree)


def phantom_tree(seed: int, ranges: Ranges) -> Tree:
    """The tree of a phantom at a random phase, around its own middle."""
    anatomy, percent = Anatomy.sample(seed, ranges), float(np.random.default_rng(seed).uniform(0, 100))
    return joined(anatomy, percent).centred()


def foreign_scene(hu: npt.NDArray[np.int16], centre: npt.NDArray, tree: Tree, *, real: bool = False) -> Scene:
    """A background with a tree that does not belong to it."""
    return Scene(hu, centre, tree, own=False, real=real)


def joined(anatomy: Anatomy, percent: float) -> Tree:
    """All branches of a patient at a phase, in LPS, and how they move while they are scanned."""
    branches = [(n, branch) for n, artery in enumerate(anatomy.vessels) for branch in artery.at(percent)]
    times = sub_times(percent, anatomy.window_percent, MOMENTS)
    paths = [
        a.positions(n, times) - a.positions(n, percent)
        for a in anatomy.vessels
        for n in range(len(a.branches))
    ]
    return Tree(
        points=np.concatenate([branch.points for _, branch in branches])[:, ::-1],
        radii=np.concatenate([branch.radii for _, branch in branches]),
        vessel=np.concatenate([np.full(len(branch.points), n) for n, branch in branches]),
        moved=np.concatenate(paths, axis=1)[..., ::-1].astype(np.float32),
    )
