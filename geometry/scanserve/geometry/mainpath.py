"""The main path of a skeleton and the branches that leave it.

The main path starts at the root.  At every fork it follows the child that gathers most weight (heat, or heat times
lumen area) over the next millimetres, with a penalty for sharp turns.  So neither a longer side branch nor a short
bright stub diverts it.  Every other leaf adds the new part of its path.

Symbols: S nodes of the skeleton graph, K nodes of a path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from scanserve.geometry.graph import SkeletonGraph, trace
from scanserve.geometry.types import Array, Index

__all__ = ["ForkOptions", "split_into_paths"]

#: Keeps zero-weight edges in the graph, and prevents division by zero.
TINY = 1e-9


@dataclass(frozen=True)
class ForkOptions:
    """How the main path continues at a fork.

    Attributes:
        look_ahead_mm: length over which children are compared: longer than the blur at the fork, but short enough
            that a long thin side branch does not outweigh the thicker end of the main vessel.
        direction_mm: length over which the direction of a child is measured: ridges that diverge at an acute angle
            run together for some millimetres.
        turn_penalty: fraction of its weight that a child loses if it turns back by 180 degrees; half of it at 90
            degrees.
        main_share: minimum length of a main path as a fraction of the longest path, however hot its start.
    """

    look_ahead_mm: float
    direction_mm: float
    turn_penalty: float
    main_share: float


def split_into_paths(graph: SkeletonGraph, root: int, weights: Array, options: ForkOptions) -> list[Index]:
    """Cut a tree into paths of nodes.

    Args:
        graph: connected, without loops.
        root: the node at which the main path starts.
        weights: (S,) the quantity that the main path maximises.
        options: the decision at forks.

    Returns:
        The main path (K,) from the root; then, for each other leaf, the path from a node of an earlier path (its
        attachment, listed first) to the leaf, sorted by descending weight.
    """
    cost = graph.matrix(graph.along(weights) + TINY)
    gained, before = dijkstra(cost, directed=False, indices=root, return_predecessors=True)
    leaves = graph.endpoints[(graph.endpoints != root) & np.isfinite(gained[graph.endpoints])]
    whole = [trace(before, root, int(leaf)) for leaf in leaves[np.argsort(-gained[leaves], kind="stable")]]
    main = _Forks(graph, graph.length_to(root), gained, options).main_path(whole)
    whole.sort(key=lambda path: path is not main)
    taken = np.zeros(len(graph), dtype=bool)
    paths = []
    for path in whole:
        paths.append(path[max(taken[path].sum() - 1, 0) :])
        taken[path] = True
    return paths


@dataclass(frozen=True, eq=False)
class _Forks:
    """The decision at forks, from ``length`` (S,) mm and ``gained`` (S,) weight between the root and each node."""

    graph: SkeletonGraph
    length: Array
    gained: Array
    options: ForkOptions

    def main_path(self, paths: list[Index]) -> Index:
        """The long path from the root that follows the best child at every fork."""
        ends = np.array([self.length[path[-1]] for path in paths])
        long = ends >= self.options.main_share * ends.max()
        paths = [path for path, keep in zip(paths, long, strict=True) if keep]
        while len(paths) > 1:
            fork = _fork(paths)
            worth = [self._worth(path[fork - 1 :], path[:fork]) for path in paths]
            child = paths[int(np.argmax(worth))][fork]
            paths = [path for path in paths if path[fork] == child]
        return paths[0]

    def _worth(self, child: Index, trunk: Index) -> float:
        """Weight on the first ``look_ahead_mm`` of a child of a fork, reduced if it turns sharply."""
        length, gained = self.length[child], self.gained[child]
        ahead = np.interp(length[0] + self.options.look_ahead_mm, length, gained) - gained[0]
        went, goes = self._direction(trunk[::-1]), self._direction(child)
        return float(ahead * (1.0 - self.options.turn_penalty * (1.0 + went @ goes) / 2))

    def _direction(self, chain: Index) -> Array:
        """Unit direction over the first ``direction_mm`` of a chain of nodes; 0 for a single node."""
        points, length = self.graph.points[chain], self.length[chain]
        near = np.flatnonzero(np.abs(length - length[0]) <= self.options.direction_mm)[-1]
        direction = points[near] - points[0]
        return direction / max(np.linalg.norm(direction), TINY)


def _fork(paths: list[Index]) -> int:
    """The first position at which paths from the same root differ; every path reaches it."""
    shortest = min(map(len, paths))
    same = np.all([path[:shortest] == paths[0][:shortest] for path in paths], axis=0)
    return int(same.argmin())
