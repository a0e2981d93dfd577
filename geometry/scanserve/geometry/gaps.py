"""Gaps of a skeleton, where a vessel was lost for some millimetres, and their bridging.

Symbols: S nodes of the skeleton graph, G gaps, K voxels of a bridge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree
from skimage.graph import route_through_array

from scanserve.geometry.graph import COLD, SkeletonGraph, build_graph, outward_ends
from scanserve.geometry.heatmap import HOTTEST, HeatMap
from scanserve.geometry.types import Array, Index

__all__ = ["GapOptions", "bridge_gaps"]


@dataclass(frozen=True)
class GapOptions:
    """Which gaps are bridged.

    Attributes:
        near_mm: gaps up to this length are always bridged.
        far_mm: gaps up to this length are bridged if the two ends face each other or heat remains along the gap.
        facing_degrees: two ends face each other if they point at each other within this angle.
        warm: heat, 0 to 1, that must remain all along a gap to join its ends.
        outward_mm: length over which the direction of an end is measured.
        detour_mm: margin of the box around the two ends within which a bridge is searched.
        most_components: only so many components, those with the most heat, are kept and joined.  It bounds the
            number of bridges that are searched.
    """

    near_mm: float
    far_mm: float
    facing_degrees: float
    warm: float
    outward_mm: float
    detour_mm: float
    most_components: int


def bridge_gaps(graph: SkeletonGraph, heatmap: HeatMap, options: GapOptions) -> SkeletonGraph:
    """Join components across gaps by the cheapest path through the heat map.

    A gap starts at an end point.  A short gap is always bridged; a longer one only if two ends point at each other
    across it or if heat remains all along it.

    Args:
        graph: a graph of one or more components.
        heatmap: the map that the graph came from.
        options: lengths, angle and warmth.

    Returns:
        The graph with the voxels of the bridges: as few and as short bridges as join the most components.
    """
    graph = _hottest(graph, options.most_components)
    bridges = _Bridges(graph, heatmap, options)
    routes = [bridges.route(pair) for pair in bridges.gaps()]
    if not routes:
        return graph
    return build_graph(np.unique(np.concatenate([graph.voxels, *routes]), axis=0), heatmap)


def _hottest(graph: SkeletonGraph, most: int) -> SkeletonGraph:
    """The ``most`` components with the largest sums of heat."""
    part = graph.components
    if part.max(initial=0) < most:
        return graph
    hottest = np.argsort(-np.bincount(part, graph.heat), kind="stable")[:most]
    return graph.subgraph(np.isin(part, hottest))


@dataclass(frozen=True, eq=False)
class _Bridges:
    """The search for the gaps of one graph."""

    graph: SkeletonGraph
    heatmap: HeatMap
    options: GapOptions

    def gaps(self) -> Index:
        """Pairs of nodes (G, 2) to join: the minimum spanning forest of the components by distance."""
        part = self.graph.components
        if part.max(initial=0) == 0:
            return np.empty((0, 2), dtype=np.intp)
        pairs, distance = self._nearest(part, self._from_an_end())
        warm = np.array([self._is_warm(pair) for pair in pairs], dtype=bool)
        sure = (distance <= self.options.near_mm) | warm
        pairs, distance = self._nearest(part, np.concatenate([pairs[sure], self._facing_ends()]))
        weights, shape = np.arange(len(pairs)) + 1.0, (part.max() + 1,) * 2
        forest = minimum_spanning_tree(coo_array((weights, part[pairs].T), shape=shape).tocsr())
        return pairs[forest.data.astype(np.intp) - 1]

    def route(self, pair: Index) -> Index:
        """Voxels (K, 3) of the cheapest path between two nodes, within the box around both."""
        start, end = self.graph.voxels[pair]
        values = self.heatmap.values
        margin = np.ceil(self.options.detour_mm / self.heatmap.grid.spacing[::-1]).astype(np.intp)
        low = np.maximum(np.minimum(start, end) - margin, 0)
        high = np.minimum(np.maximum(start, end) + margin + 1, values.shape)
        heat = values[tuple(map(slice, low, high))] / HOTTEST
        route, _ = route_through_array(1.0 / (heat + COLD), start - low, end - low, geometric=True)
        return np.array(route, dtype=np.intp) + low

    def _from_an_end(self) -> Index:
        """Pairs of nodes (G, 2) within ``far_mm``, at least one of them an end point."""
        pairs = cKDTree(self.graph.points).query_pairs(self.options.far_mm, output_type="ndarray")
        return pairs[(self.graph.degrees <= 1)[pairs].any(axis=1)]

    def _nearest(self, part: Index, pairs: Index) -> tuple[Index, Array]:
        """For every two components the closest of ``pairs``, sorted by distance, and the distances."""
        points = self.graph.points
        pairs = np.take_along_axis(pairs, np.argsort(part[pairs], axis=1), axis=1)
        pairs = pairs[part[pairs[:, 0]] < part[pairs[:, 1]]]
        distance = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
        order = np.argsort(distance, kind="stable")
        _, first = np.unique(part[pairs[order]], axis=0, return_index=True)
        chosen = order[np.sort(first)]
        return pairs[chosen], distance[chosen]

    def _is_warm(self, pair: Index) -> bool:
        """Whether a path of heat ``warm`` or more connects the two nodes."""
        return bool(self.heatmap.values[tuple(self.route(pair).T)].min() >= self.options.warm * HOTTEST)

    def _facing_ends(self) -> Index:
        """Pairs of end points (G, 2) within ``far_mm`` that point at each other."""
        points = self.graph.points
        ends, outward = outward_ends(self.graph, self.options.outward_mm)
        if ends.size < 2:
            return np.empty((0, 2), dtype=np.intp)
        pairs = cKDTree(points[ends]).query_pairs(self.options.far_mm, output_type="ndarray")
        across = points[ends[pairs[:, 1]]] - points[ends[pairs[:, 0]]]
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        first = np.einsum("ij,ij->i", outward[pairs[:, 0]], across)
        second = np.einsum("ij,ij->i", outward[pairs[:, 1]], -across)
        facing = np.cos(np.deg2rad(self.options.facing_degrees))
        return ends[pairs[np.minimum(first, second) >= facing]]
