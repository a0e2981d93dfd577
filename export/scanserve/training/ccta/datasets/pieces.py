"""A mask of arteries as skeletons: one for each of the two coronary trees.

The mask becomes a heat map whose ridge is its middle (the distance to its surface), so that thinning, graphs and
curves are those of :mod:`scanserve.geometry`.  Masks that people or networks drew have gaps; pieces are joined across
short ones, and across longer ones where two ends face each other.  The two trees are never joined: where a bridge
between pieces leaves a single tree, each of the two largest pieces is completed on its own.

Symbols: S nodes of a graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.contracts import InputError
from scanserve.geometry import GapOptions, Grid, HeatMap, SkeletonOptions, bridge_gaps, build_graph
from scanserve.geometry import skeletonize_heatmap as skeletonize
from scanserve.geometry.graph import SkeletonGraph, spanning_tree
from scanserve.geometry.heatmap import HOTTEST

__all__ = ["Skeletons", "skeletons_of"]

#: Half of the heat is the mask, the other half rises to full at this depth: the radius of a wide left main.
DEPTH_MM = 2.5
SKELETON = SkeletonOptions(
    # The mask itself.
    high=0.5,
    low=0.5,
    # About 3 mm of an artery of 1 mm in voxels of 0.4 mm.
    minimum_hot_voxels=40,
    # Twice the radius of a wide left main in voxels of 0.35 mm.
    lost_voxels=15.0,
    # Ten times the arteries of a heart in voxels of 0.35 mm.
    most_warm_voxels=3_000_000,
    most_line_voxels=20_000,
)
GAPS = GapOptions(
    # A calcification or a streak of one or two slices.
    near_mm=4.0,
    # A stretch of motion; beyond it, which piece goes on in which is a guess.
    far_mm=15.0,
    facing_degrees=40.0,
    # A mask is cold outside: no gap is warm.
    warm=1.0,
    outward_mm=5.0,
    detour_mm=4.0,
    most_components=50,
)
#: The smaller of the two trees is at least so long.
TREE_MM = 40.0


@dataclass(frozen=True, eq=False)
class Skeletons:
    """The two trees of a mask.

    Attributes:
        heatmap: where their ridge is; its grid is the bounding box of the mask.
        radii: (Z, Y, X) distance in mm to the surface of the mask, on that grid.
        trees: two graphs without loops, the larger one first.
        left_mm: length of the pieces that belong to neither.
    """

    heatmap: HeatMap
    radii: npt.NDArray[np.float32]
    trees: tuple[SkeletonGraph, SkeletonGraph]
    left_mm: float

    def radius(self, graph: SkeletonGraph) -> npt.NDArray[np.float64]:
        """(S,) distance in mm of the nodes of ``graph`` to the surface of the mask."""
        return self.radii[tuple(graph.voxels.T)].astype(np.float64)


def skeletons_of(mask: npt.NDArray[np.bool_], grid: Grid) -> Skeletons:
    """The skeletons of the two coronary trees of a mask [z, y, x].

    Raises:
        InputError: code ``trees-missing`` unless there are two of them.
    """
    heatmap, radii = _heat(mask, grid)
    whole = build_graph(skeletonize(heatmap.values, SKELETON), heatmap)
    joined = bridge_gaps(whole, heatmap, GAPS)
    trees = _largest(joined)
    if _second_mm(trees) < TREE_MM:
        trees = _kept_apart(whole, heatmap)
    if _second_mm(trees) < TREE_MM:
        raise InputError(
            "trees-missing",
            f"the mask must hold two trees of {TREE_MM:g} mm or more but the second largest has "
            f"{_second_mm(trees):.0f} mm.",
        )
    first, second = trees[:2]
    left = max(0.0, joined.length_mm - first.length_mm - second.length_mm)
    return Skeletons(heatmap, radii, (spanning_tree(first), spanning_tree(second)), left)


def _heat(mask: npt.NDArray[np.bool_], grid: Grid) -> tuple[HeatMap, npt.NDArray[np.float32]]:
    """The heat map of a mask on its bounding box and a voxel around it, and the depth in mm there."""
    if not mask.any():
        raise InputError("trees-missing", "the mask must hold two trees but is empty.")
    (box,) = ndimage.find_objects(mask.view(np.uint8))
    inside = np.pad(mask[box], 1)
    corner = np.array([side.start - 1 for side in box])
    depth = ndimage.distance_transform_edt(inside, sampling=grid.spacing[::-1]).astype(np.float32)
    heat = np.where(inside, 0.5 + 0.5 * np.minimum(depth / DEPTH_MM, 1.0), 0.0)
    values = np.ceil(heat * HOTTEST).astype(np.uint8)
    return HeatMap.at(values, grid.to_lps(corner), grid.spacing), depth


def _largest(graph: SkeletonGraph) -> list[SkeletonGraph]:
    """The connected parts of a graph, the longest first."""
    part = graph.components
    length = np.bincount(part[graph.edges[:, 0]], graph.lengths, minlength=part.max(initial=-1) + 1)
    return [graph.subgraph(part == number) for number in np.argsort(-length, kind="stable")[:2]]


def _second_mm(trees: list[SkeletonGraph]) -> float:
    return trees[1].length_mm if len(trees) > 1 else 0.0


def _kept_apart(whole: SkeletonGraph, heatmap: HeatMap) -> list[SkeletonGraph]:
    """The two largest pieces, each with the smaller ones that bridges reach; the first takes what both reach."""
    pieces = whole.components
    length = np.bincount(pieces[whole.edges[:, 0]], whole.lengths, minlength=pieces.max(initial=-1) + 1)
    if len(length) < 2:
        return [whole]
    one, other = np.argsort(-length, kind="stable")[:2]
    first = _grown(whole.subgraph(pieces != other), _a_node(whole, pieces == one), heatmap)
    taken = {tuple(voxel) for voxel in first.voxels.tolist()}
    free = np.array([tuple(voxel) not in taken for voxel in whole.voxels.tolist()])
    return [first, _grown(whole.subgraph(free), _a_node(whole, pieces == other), heatmap)]


def _grown(graph: SkeletonGraph, voxel: npt.NDArray, heatmap: HeatMap) -> SkeletonGraph:
    """The part of a graph, after its gaps are bridged, that holds a voxel."""
    joined = bridge_gaps(graph, heatmap, GAPS)
    part = joined.components
    here = (joined.voxels == voxel).all(axis=1)
    return joined.subgraph(part == part[here.argmax()])


def _a_node(graph: SkeletonGraph, where: npt.NDArray[np.bool_]) -> npt.NDArray:
    return graph.voxels[where.argmax()]
