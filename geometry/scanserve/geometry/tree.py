"""A vessel as a rooted tree in LPS millimetres: a main path and its side branches, with sub-voxel accuracy.

Strategy: the spanning tree of the skeleton is cut into paths (:mod:`~scanserve.geometry.mainpath`).  Each path is
made continuous (:mod:`~scanserve.geometry.curve`) and attached to the tree so far.

Symbols: N points of the tree, M of the main path, K of a branch, S nodes of the skeleton graph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from scanserve.contracts import InputError
from scanserve.geometry.curve import CurveOptions, continuous_path
from scanserve.geometry.graph import SkeletonGraph
from scanserve.geometry.heatmap import HeatMap
from scanserve.geometry.mainpath import ForkOptions, split_into_paths
from scanserve.geometry.path import path_length, resample_path
from scanserve.geometry.types import Array, Index

__all__ = ["SideBranch", "TreeOptions", "VesselTree", "build_tree"]


@dataclass(frozen=True)
class TreeOptions:
    """How a skeleton becomes a tree.

    Attributes:
        fork: how the main path continues at a fork.
        curve: how chains of voxels become curves.
    """

    fork: ForkOptions
    curve: CurveOptions


@dataclass(frozen=True, eq=False)
class SideBranch:
    """A side branch.

    Attributes:
        indices: (K,) points of the tree, from the first point off the parent to the end of the branch.
        parent: number of the parent branch, -1 for the main path.
        attachment: the point of the parent where the branch starts.
    """

    indices: Index
    parent: int
    attachment: int

    def renumbered(self, more: int) -> SideBranch:
        """The same branch after ``more`` points were inserted before all others."""
        return SideBranch(self.indices + more, self.parent, self.attachment + more)


@dataclass(frozen=True, eq=False)
class VesselTree:
    """A rooted tree of points in LPS millimetres.

    Attributes:
        points: (N, 3) ``(x, y, z)`` mm.
        radii: (N,) mm; NaN where unknown.
        parent: (N,) the preceding point of each point, -1 at the root; always less than the point's own number.
        main_path: (M,) points from the root to the distal end.
        branches: side branches; a branch comes after its parent.

    Raises:
        InputError: code ``tree-invalid``.

    Example:
        >>> points = np.array([[0.0, 0, 0], [2, 0, 0], [4, 0, 0], [2, 3, 0]])
        >>> twig = SideBranch(np.array([3]), parent=-1, attachment=1)
        >>> tree = VesselTree(points, np.ones(4), np.array([-1, 0, 1, 1]), np.arange(3), (twig,))
        >>> tree.length_mm, tree.total_length_mm, tree.path_to(3).tolist()
        (4.0, 7.0, [0, 1, 3])
    """

    points: Array
    radii: Array
    parent: Index
    main_path: Index
    branches: tuple[SideBranch, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.points)
        shapes = {"points": (count, 3), "radii": (count,), "parent": (count,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise InputError(
                    "tree-invalid", f"{name} must have shape {shape} but has {getattr(self, name).shape}."
                )
        if len(self.main_path) < 2 or self.parent[self.main_path[0]] != -1:
            raise InputError(
                "tree-invalid", "main_path must start at the root and have 2 points or more but does not."
            )
        if np.any(self.parent >= np.arange(count)):
            raise InputError("tree-invalid", "parent must be less than the point's own number but is not.")

    @property
    def root(self) -> int:
        """The number of the root point."""
        return int(self.main_path[0])

    @property
    def length_mm(self) -> float:
        """Length of the main path."""
        return path_length(self.path_points())

    @property
    def total_length_mm(self) -> float:
        """Length of the main path and all branches."""
        child = self.parent >= 0
        return float(np.linalg.norm(self.points[child] - self.points[self.parent[child]], axis=1).sum())

    def path_to(self, end: int) -> Index:
        """The points from the root to the point ``end``."""
        nodes = [end]
        while self.parent[nodes[-1]] >= 0:
            nodes.append(int(self.parent[nodes[-1]]))
        return np.array(nodes[::-1], dtype=np.intp)

    def path_points(self, end: int | None = None) -> Array:
        """Positions (M, 3) mm from the root to the distal end of the main path, or to the point ``end``."""
        return self.points[self.main_path if end is None else self.path_to(end)]

    def branch_points(self, branch: int) -> Array:
        """Positions (K + 1, 3) mm of a branch, its attachment first."""
        chosen = self.branches[branch]
        return self.points[np.concatenate([[chosen.attachment], chosen.indices])]

    def with_start(self, points: Array, radii: Array) -> VesselTree:
        """Prepend ``points`` (K, 3) mm with ``radii`` (K,) to the root; the first of them becomes the root.

        The numbers of all other points grow by K; with K = 0 it is the same tree.
        """
        count = len(points)
        if not count:
            return self
        parent = np.concatenate([np.arange(-1, count - 1), self.parent + count]).astype(np.intp)
        parent[self.root + count] = count - 1
        return replace(
            self,
            points=np.concatenate([points, self.points]),
            radii=np.concatenate([radii, self.radii]),
            parent=parent,
            main_path=np.concatenate([np.arange(count), self.main_path + count]),
            branches=tuple(branch.renumbered(count) for branch in self.branches),
        )

    def resampled(self, step_mm: float) -> Array:
        """The main path (M, 3) at equal arc-length steps of about ``step_mm``."""
        return resample_path(self.path_points(), step_mm)


def build_tree(
    graph: SkeletonGraph,
    root: int,
    heatmap: HeatMap,
    options: TreeOptions,
    *,
    weights: npt.ArrayLike | None = None,
) -> VesselTree:
    """Build the rooted tree of a skeleton.

    Args:
        graph: a connected graph without loops (see ``spanning_tree``), of 2 nodes or more.
        root: the node at the ostium.
        heatmap: the map that the graph came from.
        options: forks and curves.
        weights: (S,) the quantity that the main path maximises; by default heat.

    Returns:
        The tree; its radii are NaN.

    Raises:
        InputError: code ``graph-too-small``.
    """
    if len(graph) < 2:
        raise InputError("graph-too-small", f"graph must have 2 nodes or more but has {len(graph)}.")
    weights = graph.heat if weights is None else np.asarray(weights, dtype=np.float64)
    grower = _Grower(heatmap, options.curve)
    for chain in split_into_paths(graph, root, weights, options.fork):
        grower.add(graph.points[chain])
    return grower.tree()


class _Grower:
    """Collects continuous paths into a tree."""

    def __init__(self, heatmap: HeatMap, options: CurveOptions) -> None:
        self.heatmap, self.options = heatmap, options
        self.points = np.empty((0, 3))
        self.parent = np.empty(0, dtype=np.intp)
        self.owner = np.empty(0, dtype=np.intp)
        self.branches: list[SideBranch] = []

    def add(self, voxel_centres: Array) -> None:
        """Append a path; the first is the main path, the others start at their attachment."""
        if not len(self.points):
            path = continuous_path(voxel_centres, self.heatmap, self.options)
            self._append(path, attachment=-1, owner=-1)
            return
        attachment = int(cKDTree(self.points).query(voxel_centres[0])[1])
        joined = np.concatenate([self.points[attachment][None], voxel_centres[1:]])
        path = continuous_path(joined, self.heatmap, self.options, pin_start=True)[1:]
        indices = len(self.points) + np.arange(len(path))
        branch = SideBranch(indices, int(self.owner[attachment]), attachment)
        self.branches.append(branch)
        self._append(path, attachment, owner=len(self.branches) - 1)

    def _append(self, path: Array, attachment: int, owner: int) -> None:
        start = len(self.points)
        before = np.concatenate([[attachment], start + np.arange(len(path) - 1)]).astype(np.intp)
        self.points = np.concatenate([self.points, path])
        self.parent = np.concatenate([self.parent, before])
        self.owner = np.concatenate([self.owner, np.full(len(path), owner, dtype=np.intp)])

    def tree(self) -> VesselTree:
        """The collected tree."""
        main = np.flatnonzero(self.owner == -1)
        radii = np.full(len(self.points), np.nan)
        return VesselTree(self.points, radii, self.parent, main, tuple(self.branches))
