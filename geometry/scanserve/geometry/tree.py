"""A vessel as a rooted tree in LPS millimetres: a main path and its side branches, below a voxel.

Strategy: the spanning tree of the skeleton is cut into paths.  The main path starts at the root and takes, at
every fork, the child that gathers most weight (heat, or heat times lumen area) over the next 15 mm, less for
one that turns off sharply: so a main vessel is not lost to a longer side branch, nor to a short bright stub.
Each further leaf adds the part of its path that is new.  Each path is then made continuous: extended straight
over its ends, smoothed, moved onto the ridge of the heat map, smoothed again, cut where the heat falls, and
sampled at equal arc-length steps.

Symbols: N points of the tree, M of the main path, K of a branch, S nodes of the skeleton graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from scanserve.contracts import InputError
from scanserve.geometry.graph import SkeletonGraph, trace
from scanserve.geometry.heatmap import HeatMap
from scanserve.geometry.path import path_length, resample_path, smooth_path
from scanserve.geometry.ridge import refine_to_ridge

__all__ = ["POINT_STEP_MM", "Branch", "VesselTree", "build_tree"]

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Distance of neighbouring points of a finished tree, about half a voxel of the crop grid.
POINT_STEP_MM = 0.5
#: Undulations of this wavelength are halved before and after the ridge is sought: the staircase of a line of
#: 0.9 mm voxels has a wavelength of 2 to 3 mm, a coronary's bends are 15 mm and more.
STAIRCASE_MM, RIPPLE_MM = 8.0, 6.0
#: Thinning may stop short of an end by the radius of the ridge; the path is continued straight that far ...
EXTENSION_MM = 4.0
#: ... and cut where the heat falls below this part of the ridge's median near that end.
END_HEAT, END_WINDOW_MM = 0.75, 10.0
#: The direction of an end is taken over this length; that of a child of a fork over a longer one, because
#: ridges that part at an acute angle run together for some millimetres.
END_DIRECTION_MM, FORK_DIRECTION_MM = 4.0, 8.0
#: Children of a fork are compared over this length: beyond the blur at the fork, and short enough that a
#: long thin side branch does not outweigh the thicker end of the main vessel.
LOOK_AHEAD_MM = 15.0
#: A child that turned right back would lose this part of its worth, one at a right angle half of that.
TURN_PENALTY = 0.5
#: A path shorter than this part of the longest one is a side branch or a false twig, however hot its start:
#: main paths of the phantoms are at least 0.8 times as long as the longest path of their tree.
MAIN_SHARE = 0.7
#: Keeps edges of no weight in the graph, and divisions defined.
TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Branch:
    """A side branch.

    Attributes:
        indices: (K,) points of the tree, from the first one off the parent to the branch's end.
        parent: number of the branch it leaves, -1 for the main path.
        attachment: the point of the tree where it leaves.
    """

    indices: Index
    parent: int
    attachment: int


@dataclass(frozen=True, eq=False)
class VesselTree:
    """A rooted tree of points in LPS millimetres.

    Attributes:
        points: (N, 3) ``(x, y, z)`` mm.
        radii: (N,) mm; NaN where unknown.
        parent: (N,) the point before each one, -1 at the root; always less than the point's own number.
        main_path: (M,) points from the root to the distal end.
        branches: side branches; a branch comes after the one it leaves.

    Raises:
        InputError: code ``tree-invalid``.
    """

    points: Array
    radii: Array
    parent: Index
    main_path: Index
    branches: tuple[Branch, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.points)
        shapes = {"points": (count, 3), "radii": (count,), "parent": (count,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise InputError(
                    "tree-invalid", f"{name} must be {shape} but is {getattr(self, name).shape}."
                )
        if len(self.main_path) < 2 or self.parent[self.main_path[0]] != -1:
            raise InputError(
                "tree-invalid", "main_path must lead from the root over 2 points or more but does not."
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

    def resampled(self, step_mm: float) -> Array:
        """The main path (M', 3) at equal arc-length steps of about ``step_mm``."""
        return resample_path(self.path_points(), step_mm)


def build_tree(
    graph: SkeletonGraph, root: int, heatmap: HeatMap, *, weights: npt.ArrayLike | None = None
) -> VesselTree:
    """The rooted tree of a skeleton.

    Args:
        graph: a connected graph without loops (see ``spanning_tree``), of 2 nodes or more.
        root: the node at the ostium.
        heatmap: the map that the graph came from.
        weights: (S,) what the main path shall gather most of; heat if absent.

    Returns:
        The tree; its radii are NaN.

    Raises:
        InputError: code ``graph-too-small``.
    """
    if len(graph) < 2:
        raise InputError("graph-too-small", f"graph must have 2 nodes or more but has {len(graph)}.")
    weights = graph.heat if weights is None else np.asarray(weights, dtype=np.float64)
    chains = split_into_paths(graph, root, weights)
    grower = _Grower(heatmap)
    for chain in chains:
        grower.add(graph.points[chain])
    return grower.tree()


def split_into_paths(graph: SkeletonGraph, root: int, weights: Array) -> list[Index]:
    """Cut a tree into paths of nodes.

    Returns:
        The main path from the root; then for each other leaf its path from a node of an earlier path (its
        attachment, listed first) to the leaf, those that gather most weight first.
    """
    gained, before = dijkstra(
        graph.matrix(graph.along(weights) + TINY), directed=False, indices=root, return_predecessors=True
    )
    leaves = graph.endpoints[(graph.endpoints != root) & np.isfinite(gained[graph.endpoints])]
    whole = [trace(before, root, int(leaf)) for leaf in leaves[np.argsort(-gained[leaves], kind="stable")]]
    main = _main_path(graph, whole, graph.length_to(root), gained)
    whole.sort(key=lambda path: path is not main)
    taken = np.zeros(len(graph), dtype=bool)
    paths = []
    for path in whole:
        paths.append(path[max(taken[path].sum() - 1, 0) :])
        taken[path] = True
    return paths


def _main_path(graph: SkeletonGraph, paths: list[Index], length: Array, gained: Array) -> Index:
    """Of the long paths from the root the one that goes on, at every fork, along the child worth most."""
    ends = np.array([length[path[-1]] for path in paths])
    paths = [path for path, end in zip(paths, ends, strict=True) if end >= MAIN_SHARE * ends.max()]
    while len(paths) > 1:
        fork = _fork(paths)
        worth = [_worth(path[fork - 1 :], path[:fork], graph, length, gained) for path in paths]
        child = paths[int(np.argmax(worth))][fork]
        paths = [path for path in paths if path[fork] == child]
    return paths[0]


def _fork(paths: list[Index]) -> int:
    """The first position at which paths from one root differ; every path is at least that long."""
    shortest = min(map(len, paths))
    same = np.all([path[:shortest] == paths[0][:shortest] for path in paths], axis=0)
    return int(same.argmin())


def _worth(child: Index, trunk: Index, graph: SkeletonGraph, length: Array, gained: Array) -> float:
    """Weight gathered on the first LOOK_AHEAD_MM of a child of a fork, less if it turns off sharply."""
    ahead = np.interp(length[child[0]] + LOOK_AHEAD_MM, length[child], gained[child]) - gained[child[0]]
    went, goes = (_direction(graph.points[part], length[part]) for part in (trunk[::-1], child))
    return float(ahead * (1.0 - TURN_PENALTY * (1.0 + went @ goes) / 2))


def _direction(points: Array, length: Array) -> Array:
    """Unit direction over the first FORK_DIRECTION_MM of a chain; 0 for a single point."""
    near = np.flatnonzero(np.abs(length - length[0]) <= FORK_DIRECTION_MM)[-1]
    direction = points[near] - points[0]
    return direction / max(np.linalg.norm(direction), TINY)


class _Grower:
    """Collects continuous paths into a tree."""

    def __init__(self, heatmap: HeatMap) -> None:
        self.heatmap = heatmap
        self.points = np.empty((0, 3))
        self.parent = np.empty(0, dtype=np.intp)
        self.owner = np.empty(0, dtype=np.intp)
        self.branches: list[Branch] = []

    def add(self, voxel_centres: Array) -> None:
        """Append a path; the first one is the main path, the others start at their attachment."""
        if not len(self.points):
            path = continuous_path(voxel_centres, self.heatmap)
            self._append(path, attachment=-1, owner=-1)
            return
        attachment = int(cKDTree(self.points).query(voxel_centres[0])[1])
        joined = np.concatenate([self.points[attachment][None], voxel_centres[1:]])
        path = continuous_path(joined, self.heatmap, pin_start=True)[1:]
        indices = len(self.points) + np.arange(len(path))
        branch = Branch(indices, int(self.owner[attachment]), attachment)
        self.branches.append(branch)
        self._append(path, attachment, owner=len(self.branches) - 1)

    def _append(self, path: Array, attachment: int, owner: int) -> None:
        start = len(self.points)
        before = np.concatenate([[attachment], start + np.arange(len(path) - 1)]).astype(np.intp)
        self.points = np.concatenate([self.points, path])
        self.parent = np.concatenate([self.parent, before])
        self.owner = np.concatenate([self.owner, np.full(len(path), owner, dtype=np.intp)])

    def tree(self) -> VesselTree:
        """What was collected."""
        main = np.flatnonzero(self.owner == -1)
        radii = np.full(len(self.points), np.nan)
        return VesselTree(self.points, radii, self.parent, main, tuple(self.branches))


def continuous_path(voxel_centres: Array, heatmap: HeatMap, *, pin_start: bool = False) -> Array:
    """A smooth path along the ridge from a chain of voxel centres.

    Args:
        voxel_centres: (V, 3) mm, V >= 2, along the chain.
        heatmap: where the ridge is.
        pin_start: the first point stays, and the path is not extended over it.

    Returns:
        (K, 3) mm at equal steps of about 0.5 mm.
    """
    path = smooth_path(resample_path(voxel_centres, POINT_STEP_MM), STAIRCASE_MM, pin_start=pin_start)
    path = _extended(path, both=not pin_start)
    ridge = refine_to_ridge(path, heatmap)
    if pin_start:
        ridge[0] = path[0]
    path = smooth_path(ridge, RIPPLE_MM, pin_start=pin_start)
    return resample_path(_cut_at_ends(path, heatmap, both=not pin_start), POINT_STEP_MM)


def _extended(path: Array, *, both: bool) -> Array:
    """Continue a path straight over its end, or both of its ends."""
    steps = np.arange(1, round(EXTENSION_MM / POINT_STEP_MM) + 1)[:, None] * POINT_STEP_MM
    parts = [path, path[-1] + steps * _end_direction(path)]
    if both:
        parts.insert(0, (path[0] + steps * _end_direction(path[::-1]))[::-1])
    return np.concatenate(parts)


def _end_direction(path: Array) -> Array:
    back = min(len(path) - 1, round(END_DIRECTION_MM / POINT_STEP_MM))
    direction = path[-1] - path[-1 - back]
    return direction / max(np.linalg.norm(direction), TINY)


def _cut_at_ends(path: Array, heatmap: HeatMap, *, both: bool) -> Array:
    heat = heatmap.heat(path)
    last = len(path) - _cold_run(heat[::-1])
    first = _cold_run(heat) if both else 0
    return path[first:last] if last - first >= 2 else path


def _cold_run(heat: Array) -> int:
    """How many points from the start on are colder than the ridge near this end."""
    extension, window = round(EXTENSION_MM / POINT_STEP_MM), round(END_WINDOW_MM / POINT_STEP_MM)
    ridge = np.median(heat[extension : extension + window]) if len(heat) > extension else heat.max()
    warm = heat >= END_HEAT * ridge
    return int(warm.argmax()) if warm.any() else 0
