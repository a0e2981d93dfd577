"""Spurs: the short side branches that thinning leaves on a skeleton.

Symbols: S nodes of the skeleton graph.
"""

from __future__ import annotations

import numpy as np

from scanserve.geometry.graph import SkeletonGraph
from scanserve.geometry.types import Array, Index, Mask

__all__ = ["prune_spurs"]


def prune_spurs(tree: SkeletonGraph, minimum_mm: float, *, keep: int | None = None) -> SkeletonGraph:
    """Remove short terminal branches, starting with the shortest at each junction.

    Each pass removes one branch per junction and then measures again: of two short twigs at the very end of a vessel,
    the longer one becomes part of the vessel and stays.

    Args:
        tree: a graph without loops.
        minimum_mm: branches shorter than this are removed: about the radius of a ridge at the threshold of its mask,
            plus a voxel.
        keep: a node, such as the root, whose branch is kept regardless of its length.

    Returns:
        The remaining graph.
    """
    kept = np.arange(len(tree)) == (-1 if keep is None else keep)
    while True:
        nodes = _shortest_spurs(tree, minimum_mm, kept)
        if not nodes.any():
            return tree
        tree, kept = tree.subgraph(~nodes), kept[~nodes]


def _shortest_spurs(tree: SkeletonGraph, minimum_mm: float, kept: Mask) -> Mask:
    """Mask (S,) of the nodes of each junction's shortest terminal branch, if it is too short."""
    label, branch, foot, length = _terminal_branches(tree)
    length = np.where(np.isin(branch, label[kept]), np.inf, length)
    order = np.lexsort((length, foot))
    first = np.concatenate([[True], np.diff(foot[order]) != 0])[: order.size]
    shortest = order[first]
    return np.isin(label, branch[shortest[length[shortest] < minimum_mm]])


def _terminal_branches(tree: SkeletonGraph) -> tuple[Index, Index, Index, Array]:
    """Chains that are attached to exactly one junction.

    A chain is a run of nodes between junctions.  Returns the chain of each node (S,), -1 at junctions; and, for the
    chains attached to one junction, their numbers, that junction, and their length in mm up to it.
    """
    label = _chains(tree)
    ends = label[tree.edges]
    chain, feet = ends.max(axis=1), ends.min(axis=1) < 0
    count = label.max(initial=-1) + 1
    length = np.bincount(chain[chain >= 0], tree.lengths[chain >= 0], count)
    footed = feet & (chain >= 0)
    hangs = np.bincount(chain[footed], minlength=count)[chain[footed]] == 1
    branch = chain[footed][hangs]
    foot = np.where(ends[:, 0] < 0, tree.edges[:, 0], tree.edges[:, 1])[footed][hangs]
    return label, branch, foot, length[branch]


def _chains(tree: SkeletonGraph) -> Index:
    inner = tree.degrees <= 2
    edges = tree.edges[inner[tree.edges].all(axis=1)]
    label = SkeletonGraph(tree.voxels, tree.points, tree.heat, edges).components
    return np.where(inner, label, -1)
