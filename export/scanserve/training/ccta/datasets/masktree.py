"""The named arteries of a mask: RCA, LAD and LCX as lines from their ostium.

Skeleton (:mod:`.pieces`), ostium (:mod:`.roots`), names (:mod:`.course`), then curves: each artery is a rooted tree of
:mod:`scanserve.geometry`.  The main path of the RCA takes at every fork the child with the larger cross-section; that
of LAD and LCX is the path by whose course the artery is named.  In 29 phantoms of the test population that path was
the LCX in 22, the wider child in 14 (an obtuse marginal artery in the others).

Symbols: S nodes of a graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry import (
    CurveOptions,
    ForkOptions,
    Grid,
    HeatMap,
    TreeOptions,
    VesselTree,
    build_tree,
    prune_spurs,
)
from scanserve.geometry.graph import SkeletonGraph
from scanserve.geometry.image import GridImage
from scanserve.preprocessing.findings import Finding
from scanserve.training.ccta.annotation import AnnotatedVessel, as_line
from scanserve.training.ccta.datasets.case import Case, Drawing, require
from scanserve.training.ccta.datasets.course import check_trees, front_and_back
from scanserve.training.ccta.datasets.pieces import Skeletons, skeletons_of
from scanserve.training.ccta.datasets.roots import find_root
from scanserve.training.ccta.imagefile import read_mask, read_volume, same_grid

__all__ = ["draw_mask", "draw_masked"]

#: Side branches shorter than this are spurs of thinning: a wide lumen's radius and a voxel.
SPUR_MM = 4.0
#: A path of the left tree so long, from the ostium, may be one of its two arteries.
ARTERY_MM = 45.0
#: With more than this share of the mask in pieces that belong to neither tree, too much would be taught as background.
MOST_LEFT = 0.15
#: Pieces of less than this, together, are not worth a word, mm.
SAID_MM = 10.0

TREE = TreeOptions(
    fork=ForkOptions(look_ahead_mm=15.0, direction_mm=8.0, turn_penalty=0.5, main_share=0.6),
    curve=CurveOptions(
        step_mm=0.5,
        # The staircase of voxels of 0.4 mm is 1 to 2 mm long, a wobble of the drawn surface a few millimetres.
        staircase_mm=5.0,
        ripple_mm=5.0,
        extension_mm=3.0,
        end_heat=0.75,
        end_window_mm=8.0,
        end_direction_mm=4.0,
    ),
)


def draw_masked(case: Case) -> Drawing:
    """The named arteries of a case that has one mask, which holds all arteries in the voxels of the image.

    Raises:
        InputError: codes ``file-missing``, ``image-invalid``, and those of :func:`draw_mask`.
        SetupError: code ``extra-missing``.
    """
    require(case.image, *case.drawn)
    volume = read_volume(case.image)
    mask, grid = read_mask(case.drawn[0])
    if not same_grid(volume.grid, grid):
        raise InputError(
            "image-invalid",
            f"{case.drawn[0].name} must have the voxels of its image, {volume.grid.shape} from "
            f"{volume.grid.origin.round(1).tolist()}, but has {grid.shape} from {grid.origin.round(1).tolist()}.",
        )
    return draw_mask(mask, grid, volume)


def draw_mask(mask: npt.NDArray[np.bool_], grid: Grid, image: GridImage) -> Drawing:
    """The named arteries of a mask [z, y, x] of both coronary trees.

    Raises:
        InputError: codes ``trees-missing``, ``mask-in-pieces`` and ``course-unclear``.
    """
    skeletons = skeletons_of(mask, grid)
    findings = _pieces(skeletons)
    one, other = (_Rooted.of(graph, skeletons, image) for graph in skeletons.trees)
    right, left = sorted((one, other), key=lambda tree: tree.graph.points[:, 0].mean())
    check_trees(right.from_ostium, left.from_ostium)
    lad, lcx = left.split()
    vessels = (
        _annotated("RCA", right.curves(skeletons.heatmap)),
        _annotated("LAD", lad.curves(skeletons.heatmap)),
        _annotated("LCX", lcx.curves(skeletons.heatmap)),
    )
    return Drawing(vessels, findings)


def _pieces(skeletons: Skeletons) -> tuple[Finding, ...]:
    """What to say of the pieces that belong to neither tree.

    Raises:
        InputError: code ``mask-in-pieces``.
    """
    left = skeletons.left_mm
    share = left / (left + sum(tree.length_mm for tree in skeletons.trees))
    if share > MOST_LEFT:
        raise InputError(
            "mask-in-pieces",
            f"pieces that belong to no tree must be at most {MOST_LEFT:.0%} of the mask but are {share:.0%}.",
        )
    said = f"pieces of {left:.0f} mm that belong to no tree are left out."
    return (Finding("pieces-left-out", said),) if left >= SAID_MM else ()


@dataclass(frozen=True, eq=False)
class _Rooted:
    """A tree with the node at its ostium, and what its main path shall gather most of, (S,)."""

    graph: SkeletonGraph
    root: int
    weights: npt.NDArray[np.float64]

    @classmethod
    def of(cls, graph: SkeletonGraph, skeletons: Skeletons, image: GridImage) -> _Rooted:
        """Find the ostium, then remove spurs; the main path shall be wide."""
        root = find_root(graph, skeletons.radius(graph), image)
        pruned = prune_spurs(graph, SPUR_MM, keep=root)
        here = int(np.linalg.norm(pruned.points - graph.points[root], axis=1).argmin())
        return cls(pruned, here, skeletons.radius(pruned) ** 2)

    @property
    def from_ostium(self) -> npt.NDArray[np.float64]:
        """The points (S, 3) mm, that of the ostium first."""
        return np.roll(self.graph.points, -self.root, axis=0)

    def split(self) -> tuple[_Rooted, _Rooted]:
        """The trees of LAD and LCX: each with the left main, and with the branches whose course is nearer.

        Raises:
            InputError: code ``course-unclear``.
        """
        leaves = self._far_leaves()
        paths = [self.graph.path(self.root, int(leaf)) for leaf in leaves]
        front, back = front_and_back([self.graph.points[path] for path in paths])
        shared = min(len(paths[front]), len(paths[back]))
        fork = int((paths[front][:shared] == paths[back][:shared]).argmin())
        trunk = self._among(paths[front][:fork])
        forward = self._forward(trunk, int(leaves[front]), int(leaves[back]))
        return self._part(trunk | forward, paths[front]), self._part(trunk | ~forward, paths[back])

    def curves(self, heatmap: HeatMap) -> VesselTree:
        """The tree as curves along the ridge of a heat map."""
        return build_tree(self.graph, self.root, heatmap, TREE, weights=self.weights)

    def _far_leaves(self) -> npt.NDArray[np.intp]:
        """The ends that lie ``ARTERY_MM`` or more from the ostium.

        Raises:
            InputError: code ``course-unclear`` unless there are two.
        """
        leaves = self.graph.endpoints[self.graph.endpoints != self.root]
        far = leaves[self.graph.length_to(self.root)[leaves] >= ARTERY_MM]
        if len(far) < 2:
            raise InputError(
                "course-unclear",
                f"the left tree must hold two paths of {ARTERY_MM:g} mm or more but holds {len(far)}.",
            )
        return far

    def _forward(self, trunk: npt.NDArray[np.bool_], front: int, back: int) -> npt.NDArray[np.bool_]:
        """(S,) which nodes hang on the trunk before the middle between its two arteries, whose ends are given."""
        hanging, numbers = self.graph.subgraph(~trunk), np.flatnonzero(~trunk)
        part = hanging.components
        depth = np.bincount(part, hanging.points[:, 1]) / np.bincount(part)
        fore, aft = part[np.searchsorted(numbers, [front, back])]
        forward = depth < (depth[fore] + depth[aft]) / 2
        result = np.zeros(len(self.graph), dtype=bool)
        result[numbers] = forward[part]
        return result

    def _part(self, keep: npt.NDArray[np.bool_], main: npt.NDArray[np.intp]) -> _Rooted:
        """The kept nodes (S,), with the main path along the nodes of ``main``."""
        weights = self._among(main).astype(np.float64)
        return _Rooted(self.graph.subgraph(keep), int(keep[: self.root].sum()), weights[keep])

    def _among(self, nodes: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        return np.isin(np.arange(len(self.graph)), nodes)


def _annotated(vessel: Literal["RCA", "LAD", "LCX"], tree: VesselTree) -> AnnotatedVessel:
    branches = [tree.branch_points(number) for number in range(len(tree.branches))]
    return AnnotatedVessel(
        vessel=vessel,
        main_path_mm=as_line(tree.path_points()),
        side_branches_mm=[as_line(branch) for branch in branches if len(branch) > 1],
    )
