"""Skeleton voxels as a graph in millimetres: neighbours, components, spanning tree, spurs, gaps.

Strategy: voxels are the nodes and 26-neighbours the edges, found by looking up the 13 forward neighbours of
every voxel among the sorted raveled indices (S log S, no dense grid).  Everything after that is
``scipy.sparse.csgraph`` on some hundred nodes: well under a millisecond a call.

Symbols: S nodes (skeleton voxels), E edges, L leaves (end points), K nodes of a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import cKDTree
from skimage.graph import route_through_array

from scanserve.contracts import InputError
from scanserve.geometry.heatmap import HOTTEST, HeatMap

__all__ = ["SkeletonGraph", "bridge_gaps", "build_graph", "outward_ends", "prune_spurs", "spanning_tree"]

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Half of the 26 neighbours, so that every edge is found once.
FORWARD = np.array([step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)], dtype=np.intp)
#: Added to heat where it divides, so that a cold voxel costs much and not infinitely: 1 of 255.
COLD = 1.0 / HOTTEST
#: Side branches shorter than this are spurs of thinning: about the radius of a ridge at the low threshold
#: (1.7 sigma, sigma about 1.5 mm), plus a voxel.
SPUR_MM = 4.0
#: Gaps up to this length are bridged along the heat: a motion artefact or a blooming calcification of one
#: cross-section of a few millimetres on either side; longer ones would join strangers.
GAP_MM = 8.0
#: Longer gaps, up to FAR_MM, are bridged only between ends that point at each other within 40 degrees: the
#: same vessel before and after a stretch that motion took from the heat map.
FAR_MM, FAR_COSINE = 20.0, float(np.cos(np.deg2rad(40.0)))
#: ... or along which this much heat is left: half of the low threshold, well above the floor of a map.
WARM = 0.125
#: The direction of an end is taken over this length.
OUTWARD_MM = 5.0
#: The bridge may leave the straight line by this much.
DETOUR_MM = 4.0


@dataclass(frozen=True, eq=False)
class SkeletonGraph:
    """A graph of skeleton voxels.

    Attributes:
        voxels: (S, 3) ``(z, y, x)``.
        points: (S, 3) voxel centres, ``(x, y, z)`` mm LPS.
        heat: (S,) 0 to 1.
        edges: (E, 2) node indices, each pair once.
    """

    voxels: Index
    points: Array
    heat: Array
    edges: Index

    def __len__(self) -> int:
        return len(self.voxels)

    @property
    def lengths(self) -> Array:
        """(E,) mm."""
        ends = self.points[self.edges]
        return np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)

    @property
    def length_mm(self) -> float:
        """The sum of all edges."""
        return float(self.lengths.sum())

    @property
    def degrees(self) -> Index:
        """(S,) edges at each node."""
        return np.bincount(self.edges.ravel(), minlength=len(self))

    @property
    def endpoints(self) -> Index:
        """(L,) nodes with a single edge."""
        return np.flatnonzero(self.degrees == 1)

    @property
    def junctions(self) -> Index:
        """Nodes with three edges or more."""
        return np.flatnonzero(self.degrees > 2)

    @property
    def components(self) -> Index:
        """(S,) the number of each node's connected component, from 0."""
        return connected_components(self.matrix(), directed=False)[1].astype(np.intp)

    def matrix(self, weights: Array | None = None) -> csr_array:
        """The symmetric (S, S) adjacency with edge ``weights`` (E,), the lengths if absent."""
        weights = self.lengths if weights is None else weights
        rows, columns = self.edges.T
        shape = (len(self), len(self))
        half = coo_array((weights, (rows, columns)), shape=shape).tocsr()
        return half + half.T

    def along(self, values: Array) -> Array:
        """(E,) integral along each edge of a quantity (S,) given at the nodes."""
        return self.lengths * values[self.edges].mean(axis=1)

    def subgraph(self, keep: npt.NDArray[np.bool_]) -> SkeletonGraph:
        """The graph of the kept nodes (S,) and the edges between them."""
        renumber = np.cumsum(keep) - 1
        edges = renumber[self.edges[keep[self.edges].all(axis=1)]]
        return SkeletonGraph(self.voxels[keep], self.points[keep], self.heat[keep], edges)

    def path(self, start: int, end: int) -> Index:
        """The shortest path (K,) of nodes from ``start`` to ``end``.

        Raises:
            InputError: code ``no-path``.
        """
        before = dijkstra(self.matrix(), directed=False, indices=start, return_predecessors=True)[1]
        if start != end and before[end] < 0:
            raise InputError("no-path", f"start {start} and end {end} must be connected but are not.")
        return trace(before, start, end)

    def length_to(self, start: int | Index) -> Array:
        """(S,) mm along the graph from node ``start``, or (L, S) from (L,) nodes; infinite if apart."""
        return dijkstra(self.matrix(), directed=False, indices=start)


def trace(before: npt.NDArray, start: int, end: int) -> Index:
    """The nodes from ``start`` to ``end`` out of an array of predecessors."""
    nodes = [end]
    while nodes[-1] != start:
        nodes.append(int(before[nodes[-1]]))
    return np.array(nodes[::-1], dtype=np.intp)


def build_graph(voxels: Index, heatmap: HeatMap) -> SkeletonGraph:
    """Join neighbouring voxels.

    Args:
        voxels: (S, 3) distinct ``(z, y, x)``.
        heatmap: gives spacing, origin and the heat of each voxel.

    Returns:
        The graph, its nodes in raster order.
    """
    shape = np.asarray(heatmap.values.shape) + 2
    code = np.ravel_multi_index(tuple(np.asarray(voxels).T + 1), tuple(shape))
    order = np.argsort(code)
    code, voxels = code[order], np.asarray(voxels, dtype=np.intp)[order]
    heat = heatmap.values[tuple(voxels.T)] / HOTTEST
    return SkeletonGraph(voxels, heatmap.to_lps(voxels), heat, _neighbours(code, shape))


def _neighbours(code: Index, shape: Index) -> Index:
    if code.size == 0:
        return np.empty((0, 2), dtype=np.intp)
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    wanted = code[:, None] + FORWARD @ strides
    found = np.minimum(np.searchsorted(code, wanted), code.size - 1)
    node, direction = np.nonzero(code[found] == wanted)
    return np.stack([node, found[node, direction]], axis=1)


def spanning_tree(graph: SkeletonGraph) -> SkeletonGraph:
    """Break every loop where it is coldest: the minimum spanning tree (forest) of length divided by heat."""
    cost = graph.along(1.0 / (graph.heat + COLD))
    tree = minimum_spanning_tree(graph.matrix(cost)).tocoo()
    edges = np.stack([tree.row, tree.col], axis=1).astype(np.intp)
    return SkeletonGraph(graph.voxels, graph.points, graph.heat, edges)


def prune_spurs(
    tree: SkeletonGraph, minimum_mm: float = SPUR_MM, *, keep: int | None = None
) -> SkeletonGraph:
    """Remove terminal branches shorter than ``minimum_mm``, the shortest of each junction first.

    ``keep`` is a node, such as the root, whose branch stays however short it is.

    One at a time per junction, because what is left of a junction is measured anew: of two short twigs at the
    very end of a vessel the longer one becomes part of the vessel and stays.
    """
    kept = np.arange(len(tree)) == (-1 if keep is None else keep)
    while True:
        nodes = _shortest_spurs(tree, minimum_mm, kept)
        if not nodes.any():
            return tree
        tree, kept = tree.subgraph(~nodes), kept[~nodes]


def _shortest_spurs(
    tree: SkeletonGraph, minimum_mm: float, kept: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Mask (S,) of the nodes of each junction's shortest terminal branch, where that is too short."""
    label, branch, foot, length = _terminal_branches(tree)
    length = np.where(np.isin(branch, label[kept]), np.inf, length)
    order = np.lexsort((length, foot))
    first = np.concatenate([[True], np.diff(foot[order]) != 0])[: order.size]
    shortest = order[first]
    return np.isin(label, branch[shortest[length[shortest] < minimum_mm]])


def _terminal_branches(tree: SkeletonGraph) -> tuple[Index, Index, Index, Array]:
    """Chains that hang on one junction.

    A chain is a run of nodes without junctions.  Returns the chain of each node (S,), -1 at junctions; and of
    the chains with one foot on a junction their numbers, that junction and the length in mm, foot included.
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


def bridge_gaps(graph: SkeletonGraph, heatmap: HeatMap, limit_mm: float = GAP_MM) -> SkeletonGraph:
    """Join components across gaps by the cheapest path through the heat map.

    A gap starts at an end point.  It is bridged if it is short; or, up to FAR_MM, if two ends point at each other
    across it or if warmth is left all along it.

    Args:
        graph: a graph of one or more components.
        heatmap: the map that the graph came from.
        limit_mm: the longest gap that needs no further sign.

    Returns:
        The graph with the voxels of the bridges; the shortest bridges that join the most components.
    """
    routes = [_route(heatmap, graph, pair) for pair in _gaps(graph, heatmap, limit_mm)]
    if not routes:
        return graph
    return build_graph(np.unique(np.concatenate([graph.voxels, *routes]), axis=0), heatmap)


def _gaps(graph: SkeletonGraph, heatmap: HeatMap, limit_mm: float) -> Index:
    """Pairs of nodes (G, 2) to join: the minimum spanning forest of components under their least distance."""
    part = graph.components
    if part.max(initial=0) == 0:
        return np.empty((0, 2), dtype=np.intp)
    pairs, distance = _nearest(graph, part, _gaps_within(graph, FAR_MM))
    warm = np.array([_is_warm(heatmap, graph, pair) for pair in pairs], dtype=bool)
    sure = (distance <= limit_mm) | warm
    pairs, distance = _nearest(graph, part, np.concatenate([pairs[sure], _facing_ends(graph)]))
    shape = (part.max() + 1,) * 2
    forest = minimum_spanning_tree(
        coo_array((np.arange(len(pairs)) + 1.0, part[pairs].T), shape=shape).tocsr()
    )
    return pairs[forest.data.astype(np.intp) - 1]


def _gaps_within(graph: SkeletonGraph, limit_mm: float) -> Index:
    """Pairs of nodes (G, 2) at most this far apart, one of them at least an end point."""
    pairs = cKDTree(graph.points).query_pairs(limit_mm, output_type="ndarray")
    return pairs[(graph.degrees <= 1)[pairs].any(axis=1)]


def _nearest(graph: SkeletonGraph, part: Index, pairs: Index) -> tuple[Index, Array]:
    """The nearest pair of every two components among ``pairs``, nearest first, and their distances."""
    pairs = np.take_along_axis(pairs, np.argsort(part[pairs], axis=1), axis=1)
    pairs = pairs[part[pairs[:, 0]] < part[pairs[:, 1]]]
    distance = np.linalg.norm(graph.points[pairs[:, 0]] - graph.points[pairs[:, 1]], axis=1)
    order = np.argsort(distance, kind="stable")
    _, first = np.unique(part[pairs[order]], axis=0, return_index=True)
    chosen = order[np.sort(first)]
    return pairs[chosen], distance[chosen]


def _is_warm(heatmap: HeatMap, graph: SkeletonGraph, pair: Index) -> bool:
    """Whether heat of WARM or more leads from one node to the other."""
    return bool(heatmap.values[tuple(_route(heatmap, graph, pair).T)].min() >= WARM * HOTTEST)


def _facing_ends(graph: SkeletonGraph) -> Index:
    """Pairs of end points (G, 2), at most FAR_MM apart, that point at each other."""
    ends, outward = outward_ends(graph)
    if ends.size < 2:
        return np.empty((0, 2), dtype=np.intp)
    pairs = cKDTree(graph.points[ends]).query_pairs(FAR_MM, output_type="ndarray")
    across = graph.points[ends[pairs[:, 1]]] - graph.points[ends[pairs[:, 0]]]
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    first = np.einsum("ij,ij->i", outward[pairs[:, 0]], across)
    second = np.einsum("ij,ij->i", outward[pairs[:, 1]], -across)
    return ends[pairs[np.minimum(first, second) >= FAR_COSINE]]


def outward_ends(graph: SkeletonGraph) -> tuple[Index, Array]:
    """End points (L,) and the unit directions (L, 3) in which the vessel would go on beyond them."""
    ends = graph.endpoints
    if not ends.size:
        return ends, np.empty((0, 3))
    distance = graph.length_to(ends)
    inside = np.where(distance <= OUTWARD_MM, distance, -1).argmax(axis=1)
    direction = graph.points[ends] - graph.points[inside]
    return ends, direction / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), COLD)


def _route(heatmap: HeatMap, graph: SkeletonGraph, pair: Index) -> Index:
    """Voxels (K, 3) of the cheapest path between two nodes, inside the box around both."""
    start, end = graph.voxels[pair]
    margin = np.ceil(DETOUR_MM / heatmap.spacing[::-1]).astype(np.intp)
    low = np.maximum(np.minimum(start, end) - margin, 0)
    high = np.minimum(np.maximum(start, end) + margin + 1, heatmap.values.shape)
    heat = heatmap.values[tuple(map(slice, low, high))] / HOTTEST
    route, _ = route_through_array(1.0 / (heat + COLD), start - low, end - low, geometric=True)
    return np.array(route, dtype=np.intp) + low
