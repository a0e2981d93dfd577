"""From where a heat map fades on through the lumen to the ostium.

A network lights the first millimetres of a vessel less surely than its middle, so the root found may lie short
of the aorta.  The lumen itself goes on: from the root the cheapest path through contrast-filled blood is sought
to where the lumen opens, that is to the nearest place that a ball wider than any coronary artery fits into.
If there is none within reach the root stays where it is.

Symbols: N points of the tree, K points added, Z, Y, X voxels of the box searched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.graph import MCP_Geometric

from scanserve.geometry.lumen import BLOOD, Lumen, LumenBox
from scanserve.geometry.path import path_length, resample_path, smooth_path
from scanserve.geometry.radius import estimate_radii
from scanserve.geometry.tree import POINT_STEP_MM, Branch, VesselTree

if TYPE_CHECKING:
    from scanserve.preprocessing import Volume

__all__ = ["OstiumOptions", "extend_to_ostium", "route_to_opening"]

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: The box is sampled this finely: a third of the diameter of a proximal coronary artery.
STEP_MM = 0.9
#: Brightness is averaged over this (sigma), so that the path keeps to the middle of the lumen.
MIDDLE_MM = 1.0
#: Brightness to this power is the ease of a place: a thin wall between two lumina, which partial volume leaves
#: at 0.7, costs as much as 17 times its thickness in blood.
SHARPNESS = 8
#: Keeps the cost finite, in the range that single precision adds without loss.
LEAST_EASE = 1e-3
#: The root may lie beside the lumen by this much.
BESIDE_MM = 2.0
#: ... and of voxels equally bright the nearest is taken: a voxel farther off must be brighter by this much.
NEARNESS = 0.05
#: Undulations of this wavelength are halved: the staircase of voxels has one of 2 to 3 mm.
STAIRCASE_MM = 6.0
#: The level of the lumen is the median over this length from the root: thick enough for partial volume not to
#: lower it, and longer than twice the usual calcification.
LEVEL_MM = 25.0
#: The way that the vessel runs at its root is taken over this length.
DIRECTION_MM = 8.0
#: Keeps divisions defined.
TINY = 1e-9


@dataclass(frozen=True)
class OstiumOptions:
    """When the vessel goes on to the aorta.

    Attributes:
        reach_mm: the longest way through the lumen.
        opening_mm: radius of the ball that fits into an aorta and not into a coronary artery.
        cosine: the opening lies ahead: least cosine of the angle between the direction in which the vessel
            comes to its root and the straight line to the opening.
    """

    reach_mm: float = 15.0
    opening_mm: float = 5.5
    cosine: float = 0.0


def extend_to_ostium(tree: VesselTree, volume: Volume, options: OstiumOptions | None = None) -> VesselTree:
    """The tree with its main path continued to the ostium.

    Args:
        tree: a rooted tree.
        volume: the CT volume.
        options: reach and opening.

    Returns:
        The tree with K points before its root, their radii measured; the same tree if no opening is in reach.
    """
    path = tree.path_points()
    lumen = Lumen.along(path[: round(LEVEL_MM / POINT_STEP_MM)], volume, percentile=50.0)
    added = route_to_opening(path, lumen, options or OstiumOptions())
    if not len(added):
        return tree
    count = len(added)
    start = np.concatenate([added, path[: round(DIRECTION_MM / POINT_STEP_MM)]])
    parent = np.concatenate([np.arange(-1, count - 1), tree.parent + count]).astype(np.intp)
    parent[tree.root + count] = count - 1
    return replace(
        tree,
        points=np.concatenate([added, tree.points]),
        radii=np.concatenate([estimate_radii(volume, start)[:count], tree.radii]),
        parent=parent,
        main_path=np.concatenate([np.arange(count), tree.main_path + count]),
        branches=tuple(
            Branch(branch.indices + count, branch.parent, branch.attachment + count)
            for branch in tree.branches
        ),
    )


def route_to_opening(path: Array, lumen: Lumen, options: OstiumOptions) -> Array:
    """The way (K, 3) mm from the opening to the first point of a path (M, 3), without that point.

    K is 0 where no opening lies ahead within reach, and where the path starts in one.
    """
    box = lumen.box(path[0], options.reach_mm + options.opening_mm, STEP_MM)
    opening = _opening(box, options.opening_mm)
    if not opening.any() or opening[tuple(_brightest(box, path[0]))]:
        return np.empty((0, 3))
    places = box.places() - path[0]
    away = np.linalg.norm(places, axis=-1)
    ahead = places @ _outward(path) >= options.cosine * away
    near = away <= options.reach_mm
    rim = opening & ~ndimage.binary_erosion(opening) & ahead & near
    route = _cheapest(np.where(near & (rim | ~opening), _cost(box), -1.0), _brightest(box, path[0]), rim)
    points = np.concatenate([path[:1], box.to_lps(route[1:])])
    if len(points) < 2 or not POINT_STEP_MM <= path_length(points) <= options.reach_mm:
        return np.empty((0, 3))
    points = smooth_path(resample_path(points, POINT_STEP_MM), STAIRCASE_MM, pin_start=True)
    return resample_path(points, POINT_STEP_MM)[:0:-1]


def _opening(box: LumenBox, radius_mm: float) -> npt.NDArray[np.bool_]:
    """Where a ball of blood fits: the morphological opening (Z, Y, X) of blood by the ball."""
    depth = ndimage.distance_transform_edt(box.values >= BLOOD, sampling=box.step_mm)
    centres = depth >= radius_mm
    if not centres.any():
        return centres
    return ndimage.distance_transform_edt(~centres, sampling=box.step_mm) < radius_mm


def _cheapest(cost: Array, start: Index, goal: npt.NDArray[np.bool_]) -> Index:
    """Voxels (K, 3) of the cheapest way from ``start`` to the goal (Z, Y, X); none if it is not reached."""
    ends = [tuple(voxel) for voxel in np.argwhere(goal).tolist()]
    if not ends:
        return np.empty((0, 3), dtype=np.intp)
    search = MCP_Geometric(cost)
    costs, _ = search.find_costs([tuple(start)], ends, find_all_ends=False)
    costs = np.where(goal, costs, np.inf)
    nearest = np.unravel_index(costs.argmin(), costs.shape)
    if not np.isfinite(costs[nearest]):
        return np.empty((0, 3), dtype=np.intp)
    return np.array(search.traceback(tuple(map(int, nearest))), dtype=np.intp)


def _cost(box: LumenBox) -> Array:
    """What a mm costs (Z, Y, X): 1 in the middle of blood, more near its wall, negative where no path goes."""
    middle = ndimage.gaussian_filter(box.values, MIDDLE_MM / box.step_mm)
    return np.where(box.values >= BLOOD, 1.0 / (box.values**SHARPNESS * middle**2 + LEAST_EASE), -1.0)


def _brightest(box: LumenBox, point: Array) -> Index:
    """The brightest voxel (3,) near a point (3,) mm."""
    voxel = box.to_index(point)
    margin = round(BESIDE_MM / box.step_mm)
    low = np.maximum(voxel - margin, 0)
    near = box.values[tuple(map(slice, low, voxel + margin + 1))]
    distance = np.linalg.norm(np.moveaxis(np.indices(near.shape), 0, -1) + low - voxel, axis=-1)
    chosen = (near - NEARNESS * distance).argmax()
    return np.array(np.unravel_index(chosen, near.shape), dtype=np.intp) + low


def _outward(path: Array) -> Array:
    """Unit direction (3,) in which a path comes to its first point."""
    direction = path[0] - path[min(len(path) - 1, round(DIRECTION_MM / POINT_STEP_MM))]
    return direction / max(np.linalg.norm(direction), TINY)
