"""One coronary artery: heat map and CT volume in, rooted vessel tree out.

The root.  A coronary artery starts at the aorta: its ostium opens into a lumen some 30 mm wide that is
filled with contrast, while its other ends run out in fat and muscle.  So the end point of the skeleton with the
most contrast-bright blood ahead of it is chosen: in a ball just beyond the end; among ends of nearly equal worth
the one with the larger radius.  Chambers are as bright, and a side branch may end on
one (a conus branch on the right ventricle's outflow, a circumflex under the left atrium); but the heart hangs
from the aorta, so an end far below the highest one needs that much more blood to be believed.  Where the heat
fades before the aorta, the vessel is followed on through the lumen (see :mod:`~scanserve.client.ccta.ostium`).

Symbols: S skeleton nodes, L end points, W samples of the ball.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from scanserve.client.ccta.options import CORONARY, VesselOptions
from scanserve.client.ccta.ostium import extend_to_ostium
from scanserve.contracts import ResultError
from scanserve.contracts.ccta import Vessel
from scanserve.geometry.gaps import bridge_gaps
from scanserve.geometry.graph import SkeletonGraph, build_graph, outward_ends, spanning_tree
from scanserve.geometry.heatmap import HOTTEST, HeatMap
from scanserve.geometry.image import GridImage
from scanserve.geometry.lumen import BLOOD, Lumen
from scanserve.geometry.mainpath import split_into_paths
from scanserve.geometry.radius import RadiusOptions, estimate_radii
from scanserve.geometry.skeleton import SkeletonOptions, skeletonize_heatmap
from scanserve.geometry.spurs import prune_spurs
from scanserve.geometry.tree import VesselTree, build_tree
from scanserve.geometry.types import Array

__all__ = ["extract_vessel", "find_root", "with_radii"]


def extract_vessel(
    heatmap: HeatMap, image: GridImage, vessel: Vessel, presence: float, options: VesselOptions = CORONARY
) -> VesselTree:
    """The rooted tree of one vessel in one phase.

    Args:
        heatmap: where the network sees the vessel.
        image: the CT of the phase, HU.
        vessel: which vessel, for messages.
        presence: 0 to 1, for messages.
        options: what counts as a vessel.

    Returns:
        The tree, its root at the ostium, radii measured on the CT.

    Raises:
        ResultError: ``heatmap-implausible`` when the map is hot in more places than a vessel fills, ``no-vessel``
            when it holds no connected evidence, ``vessel-too-short`` when the main path is shorter than
            ``minimum_mm``.
    """
    graph = _skeleton_tree(heatmap, vessel, options)
    if len(graph) < 2:
        raise _no_vessel(heatmap, vessel, presence, options.skeleton)
    graph, root = _pruned(graph, find_root(graph, image, options), options.spur_mm)
    tree = _rooted_tree(graph, root, heatmap, image, options)
    tree = extend_to_ostium(tree, image, options)
    if tree.length_mm < options.minimum_mm:
        raise _too_short(tree, vessel, presence, options.minimum_mm)
    return tree


def _skeleton_tree(heatmap: HeatMap, vessel: Vessel, options: VesselOptions) -> SkeletonGraph:
    """The best connected part of the skeleton, without loops."""
    try:
        voxels = skeletonize_heatmap(heatmap.values, options.skeleton)
    except ResultError as error:
        raise ResultError(error.code, f"no {vessel.abbreviation} was found: {error.message}") from error
    graph = build_graph(voxels, heatmap)
    return spanning_tree(_hottest_component(bridge_gaps(graph, heatmap, options.gaps)))


def _pruned(graph: SkeletonGraph, root: int, spur_mm: float) -> tuple[SkeletonGraph, int]:
    """Without spurs, and the root's new number.

    The root is chosen first and kept: where the other left artery's start is lit up too, the few millimetres
    between the fork and the ostium are the shorter twig of the two.
    """
    pruned = prune_spurs(graph, spur_mm, keep=root)
    return pruned, int(np.linalg.norm(pruned.points - graph.points[root], axis=1).argmin())


def _hottest_component(graph: SkeletonGraph) -> SkeletonGraph:
    if not len(graph):
        return graph
    part = graph.components
    evidence = np.bincount(part, graph.heat)
    return graph.subgraph(part == evidence.argmax())


def _rooted_tree(
    graph: SkeletonGraph, root: int, heatmap: HeatMap, image: GridImage, options: VesselOptions
) -> VesselTree:
    """Tree and radii; and where the radii say that the main path is another one, the tree once more."""
    tree = with_radii(build_tree(graph, root, heatmap, options.tree), image, options.radius)
    area = tree.radii[cKDTree(tree.points).query(graph.points)[1]] ** 2
    fork = options.tree.fork
    mains = [split_into_paths(graph, root, weights, fork)[0] for weights in (graph.heat, graph.heat * area)]
    if mains[0][-1] == mains[1][-1]:
        return tree
    tree = build_tree(graph, root, heatmap, options.tree, weights=graph.heat * area)
    return with_radii(tree, image, options.radius)


def with_radii(tree: VesselTree, image: GridImage, options: RadiusOptions) -> VesselTree:
    """The tree with its radii measured on the CT, path by path."""
    radii = np.empty(len(tree.points))
    radii[tree.main_path] = estimate_radii(image, tree.path_points(), options)
    for number, branch in enumerate(tree.branches):
        radii[branch.indices] = estimate_radii(image, tree.branch_points(number), options)[1:]
    return replace(tree, radii=radii)


def find_root(graph: SkeletonGraph, image: GridImage, options: VesselOptions) -> int:
    """The end point of the skeleton at the ostium (see the module's text).

    Args:
        graph: connected, without loops.
        image: the CT, HU.
        options: ball, drop and tie; lumen and radius.

    Returns:
        Its node.
    """
    root = options.root
    ends, ahead = outward_ends(graph, options.gaps.outward_mm)
    lumen = Lumen.along(graph.points, image, options.lumen)
    fraction = blood_fraction(graph.points[ends] + ahead * root.ahead_mm, lumen, root.ball_mm)
    height = graph.points[ends, 2]
    worth = fraction - (height.max() - height) / root.drop_mm
    close = ends[worth >= worth.max() - root.tie]
    if len(close) == 1:
        return int(close[0])
    return int(close[np.argmax([_end_radius(graph, image, int(end), options) for end in close])])


def _end_radius(graph: SkeletonGraph, image: GridImage, end: int, options: VesselOptions) -> float:
    distance = graph.length_to(end)
    far = int(np.where(distance <= options.root.radius_mm, distance, -1).argmax())
    return float(np.median(estimate_radii(image, graph.points[graph.path(end, far)], options.radius)))


def blood_fraction(centers: Array, lumen: Lumen, ball_mm: float) -> Array:
    """The part (L,) of a ball around each centre (L, 3) that is at least half as bright as the lumen."""
    side = np.arange(-ball_mm, ball_mm + 0.5)
    lattice = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
    ball = lattice[np.linalg.norm(lattice, axis=1) <= ball_mm]
    return (lumen.brightness(centers[:, None] + ball) >= BLOOD).mean(axis=1)


def _no_vessel(heatmap: HeatMap, vessel: Vessel, presence: float, options: SkeletonOptions) -> ResultError:
    hot = int(np.count_nonzero(heatmap.values >= options.high * HOTTEST))
    return ResultError(
        "no-vessel",
        f"no {vessel.abbreviation} was found: its heat map must hold {options.minimum_hot_voxels} connected "
        f"hot voxels or more but holds {hot} in all (presence {presence:.2f}).",
    )


def _too_short(tree: VesselTree, vessel: Vessel, presence: float, minimum_mm: float) -> ResultError:
    return ResultError(
        "vessel-too-short",
        f"the {vessel.abbreviation} must be {minimum_mm:g} mm long or more but only {tree.length_mm:.1f} mm "
        f"were found (presence {presence:.2f}).",
    )
