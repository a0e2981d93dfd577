"""Which way the main path of a skeleton goes, and how the rest of it hangs on that.

The main path starts at the root and takes, at every fork, the child that gathers most weight (heat, or heat times
lumen area) over the next millimetres, less for one that turns off sharply: so a main vessel is not lost to a longer
side branch, nor to a short bright stub.  Each further leaf adds the part of its path that is new.

Symbols: S nodes of the skeleton graph, K nodes of a path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from scanserve.geometry.graph import SkeletonGraph, trace
from scanserve.geometry.types import Array, Index

__all__ = ["ForkOptions", "split_into_paths"]

#: Keeps edges of no weight in the graph, and divisions defined.
TINY = 1e-9


@dataclass(frozen=True)
class ForkOptions:
    """How the child of a fork that goes on is chosen.

    Attributes:
        look_ahead_mm: children are compared over this length: beyond the blur at the fork, and short enough that a
            long thin side branch does not outweigh the thicker end of the main vessel.
        direction_mm: the direction of a child is taken over this length: ridges that part at an acute angle run
            together for some millimetres.
        turn_penalty: a child that turned right back would lose this part of its worth, one at a right angle half
            of that.
        main_share: a path shorter than this part of the longest one is no main path, however hot its start.
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
        weights: (S,) what the main path shall gather most of.
        options: how forks are decided.

    Returns:
        The main path (K,) from the root; then for each other leaf its path from a node of an earlier path (its
        attachment, listed first) to the leaf, those that gather most weight first.
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
    """What decides a fork: ``length`` (S,) mm and ``gained`` (S,) weight from the root to each node."""

    graph: SkeletonGraph
    length: Array
    gained: Array
    options: ForkOptions

    def main_path(self, paths: list[Index]) -> Index:
        """Of the long paths from the root the one that goes on, at every fork, along the child worth most."""
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
        """Weight gathered on the first ``look_ahead_mm`` of a child of a fork, less if it turns off sharply."""
        length, gained = self.length[child], self.gained[child]
        ahead = np.interp(length[0] + self.options.look_ahead_mm, length, gained) - gained[0]
        went, goes = self._direction(trunk[::-1]), self._direction(child)
        return float(ahead * (1.0 - self.options.turn_penalty * (1.0 + went @ goes) / 2))

    def _direction(self, chain: Index) -> Array:
        """Unit direction over the first ``direction_mm`` of a chain of nodes; 0 for a single one."""
        points, length = self.graph.points[chain], self.length[chain]
        near = np.flatnonzero(np.abs(length - length[0]) <= self.options.direction_mm)[-1]
        direction = points[near] - points[0]
        return direction / max(np.linalg.norm(direction), TINY)


def _fork(paths: list[Index]) -> int:
    """The first position at which paths from one root differ; every path is at least that long."""
    shortest = min(map(len, paths))
    same = np.all([path[:shortest] == paths[0][:shortest] for path in paths], axis=0)
    return int(same.argmin())
