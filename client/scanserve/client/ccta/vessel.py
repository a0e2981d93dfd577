"""One coronary artery: heat map and CT volume in, rooted vessel tree out.

The root.  A coronary artery starts at the aorta: its ostium opens into a lumen some 30 mm wide that is
filled with contrast, while its other ends run out in fat and muscle.  So of all end points of the skeleton
the one is taken with the most contrast-bright blood in a ball around what lies just ahead of it; among ends
of nearly equal worth the one with the larger radius.  Chambers are as bright, and a side branch may end on
one (a conus branch on the right ventricle's outflow, a circumflex under the left atrium); but the heart hangs
from the aorta, so an end far below the highest one needs that much more blood to be believed.  Where the heat
fades before the aorta, the vessel is followed on through the lumen (see :mod:`~scanserve.client.ccta.ostium`).

Symbols: S skeleton nodes, L end points, W samples of the ball.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from scanserve.client.ccta.ostium import OstiumOptions, extend_to_ostium
from scanserve.contracts import ResultError
from scanserve.contracts.ccta import Vessel
from scanserve.geometry.graph import (
    SkeletonGraph,
    bridge_gaps,
    build_graph,
    outward_ends,
    prune_spurs,
    spanning_tree,
)
from scanserve.geometry.heatmap import HOTTEST, HeatMap
from scanserve.geometry.lumen import BLOOD, Lumen
from scanserve.geometry.radius import estimate_radii
from scanserve.geometry.skeleton import SkeletonOptions, skeletonize_heatmap
from scanserve.geometry.tree import VesselTree, build_tree, split_into_paths
from scanserve.preprocessing import Volume

__all__ = ["RootOptions", "VesselOptions", "extract_vessel"]

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class RootOptions:
    """How the ostium is told from the other ends.

    Attributes:
        ball_mm: radius of the ball: fits an aortic root, is not filled by a coronary.
        ahead_mm: the ball's centre lies this far ahead of the end.
        drop_mm: an end this far below the highest one is worth a whole ball of blood less.
        tie: ends within this fraction of the best are told apart by their radius.
    """

    ball_mm: float = 8.0
    ahead_mm: float = 4.0
    drop_mm: float = 100.0
    tie: float = 0.05


@dataclass(frozen=True)
class VesselOptions:
    """What counts as a vessel.

    Attributes:
        minimum_mm: main paths shorter than this are not reported: no coronary to be graded is so short.
        skeleton: thresholds of the heat map.
        root: the choice of the ostium's end.
        ostium: how far that end is followed to the aorta.
    """

    minimum_mm: float = 20.0
    skeleton: SkeletonOptions = field(default_factory=SkeletonOptions)
    root: RootOptions = field(default_factory=RootOptions)
    ostium: OstiumOptions = field(default_factory=OstiumOptions)


def extract_vessel(
    heatmap: npt.NDArray[np.uint8],
    crop_origin: npt.ArrayLike,
    crop_spacing: npt.ArrayLike,
    volume: Volume,
    vessel: Vessel,
    presence: float,
    options: VesselOptions | None = None,
) -> VesselTree:
    """The rooted tree of one vessel in one phase.

    Args:
        heatmap: uint8 ``[z, y, x]``, 255 on the centerline.
        crop_origin: (3,) ``(x, y, z)`` mm LPS, centre of voxel [0, 0, 0] of the heat map.
        crop_spacing: (3,) ``(x, y, z)`` mm.
        volume: the CT volume of the phase.
        vessel: which vessel, for messages.
        presence: 0 to 1, for messages.
        options: thresholds.

    Returns:
        The tree, its root at the ostium, radii measured on the CT.

    Raises:
        InputError: codes ``heatmap-shape`` and ``heatmap-geometry``.
        ResultError: ``no-vessel`` when the map holds no connected evidence, ``vessel-too-short`` when the
            main path is shorter than ``minimum_mm``.
    """
    options = options or VesselOptions()
    placed = HeatMap(heatmap, np.asarray(crop_origin), np.asarray(crop_spacing))
    graph = _skeleton_tree(placed, options.skeleton)
    if len(graph) < 2:
        raise _no_vessel(heatmap, vessel, presence, options.skeleton)
    graph, root = _pruned(graph, find_root(graph, volume, options.root))
    tree = _rooted_tree(graph, root, placed, volume)
    tree = extend_to_ostium(tree, volume, options.ostium)
    if tree.length_mm < options.minimum_mm:
        raise _too_short(tree, vessel, presence, options.minimum_mm)
    return tree


def _skeleton_tree(heatmap: HeatMap, options: SkeletonOptions) -> SkeletonGraph:
    """The best connected part of the skeleton, without loops."""
    graph = bridge_gaps(build_graph(skeletonize_heatmap(heatmap.values, options), heatmap), heatmap)
    return spanning_tree(_hottest_component(graph))


def _pruned(graph: SkeletonGraph, root: int) -> tuple[SkeletonGraph, int]:
    """Without spurs, and the root's new number.

    The root is chosen first and kept: where the other left artery's start is lit up too, the few millimetres
    between the fork and the ostium are the shorter twig of the two.
    """
    pruned = prune_spurs(graph, keep=root)
    return pruned, int(np.linalg.norm(pruned.points - graph.points[root], axis=1).argmin())


def _hottest_component(graph: SkeletonGraph) -> SkeletonGraph:
    if not len(graph):
        return graph
    part = graph.components
    evidence = np.bincount(part, graph.heat)
    return graph.subgraph(part == evidence.argmax())


def _rooted_tree(graph: SkeletonGraph, root: int, heatmap: HeatMap, volume: Volume) -> VesselTree:
    """Tree and radii; and where the radii say that the main path is another one, the tree once more."""
    tree = with_radii(build_tree(graph, root, heatmap), volume)
    area = tree.radii[cKDTree(tree.points).query(graph.points)[1]] ** 2
    mains = [split_into_paths(graph, root, weights)[0] for weights in (graph.heat, graph.heat * area)]
    if mains[0][-1] == mains[1][-1]:
        return tree
    return with_radii(build_tree(graph, root, heatmap, weights=graph.heat * area), volume)


def with_radii(tree: VesselTree, volume: Volume) -> VesselTree:
    """The tree with its radii measured on the volume, path by path."""
    radii = np.empty(len(tree.points))
    radii[tree.main_path] = estimate_radii(volume, tree.path_points())
    for number, branch in enumerate(tree.branches):
        radii[branch.indices] = estimate_radii(volume, tree.branch_points(number))[1:]
    return replace(tree, radii=radii)


def find_root(graph: SkeletonGraph, volume: Volume, options: RootOptions) -> int:
    """The end point of the skeleton at the ostium (see the module's text).

    Args:
        graph: connected, without loops.
        volume: the CT volume.
        options: ball, drop and tie.

    Returns:
        Its node.
    """
    ends, ahead = outward_ends(graph)
    lumen = Lumen.along(graph.points, volume)
    fraction = blood_fraction(graph.points[ends] + ahead * options.ahead_mm, lumen, options.ball_mm)
    height = graph.points[ends, 2]
    worth = fraction - (height.max() - height) / options.drop_mm
    close = ends[worth >= worth.max() - options.tie]
    if len(close) == 1:
        return int(close[0])
    return int(close[np.argmax([_end_radius(graph, volume, int(end)) for end in close])])


def _end_radius(graph: SkeletonGraph, volume: Volume, end: int, length_mm: float = 8.0) -> float:
    distance = graph.length_to(end)
    far = int(np.where(distance <= length_mm, distance, -1).argmax())
    return float(np.median(estimate_radii(volume, graph.points[graph.path(end, far)])))


def blood_fraction(centers: Array, lumen: Lumen, ball_mm: float) -> Array:
    """The part (L,) of a ball around each centre (L, 3) that is at least half as bright as the lumen."""
    side = np.arange(-ball_mm, ball_mm + 0.5)
    lattice = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
    ball = lattice[np.linalg.norm(lattice, axis=1) <= ball_mm]
    return (lumen.brightness(centers[:, None] + ball) >= BLOOD).mean(axis=1)


def _no_vessel(
    heatmap: npt.NDArray[np.uint8], vessel: Vessel, presence: float, options: SkeletonOptions
) -> ResultError:
    hot = int(np.count_nonzero(heatmap >= options.high * HOTTEST))
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
