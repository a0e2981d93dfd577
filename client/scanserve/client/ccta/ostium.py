"""From where a heat map fades on through the lumen to the ostium.

A network lights the first millimetres of a vessel less surely than its middle, so the root found may lie short
of the aorta.  The lumen itself goes on: from the root the cheapest path through contrast-filled blood is sought
to where the lumen opens, that is to the nearest place that a ball wider than any coronary artery fits into.
If there is none within reach the root stays where it is.

Symbols: N points of the tree, K points added, Z, Y, X voxels of the box searched.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.graph import MCP_Geometric

from scanserve.client.ccta.options import CORONARY, VesselOptions
from scanserve.geometry.image import GridImage
from scanserve.geometry.lumen import BLOOD, Lumen, LumenBox
from scanserve.geometry.path import path_length, resample_path, smooth_path
from scanserve.geometry.radius import estimate_radii
from scanserve.geometry.tree import VesselTree
from scanserve.geometry.types import Array, Index, Mask

__all__ = ["extend_to_ostium", "route_to_opening"]

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


def extend_to_ostium(tree: VesselTree, image: GridImage, options: VesselOptions = CORONARY) -> VesselTree:
    """The tree with its main path continued to the ostium.

    Args:
        tree: a rooted tree.
        image: the CT, HU.
        options: reach and opening; lumen, steps and radius.

    Returns:
        The tree with K points before its root, their radii measured; the same tree if no opening is in reach.
    """
    path, curve = tree.path_points(), options.tree.curve
    lumen = Lumen.along(path[: curve.steps(LEVEL_MM)], image, options.lumen, percentile=50.0)
    added = route_to_opening(path, lumen, options)
    if not len(added):
        return tree
    start = np.concatenate([added, path[: curve.steps(DIRECTION_MM)]])
    return tree.with_start(added, estimate_radii(image, start, options.radius)[: len(added)])


def route_to_opening(path: Array, lumen: Lumen, options: VesselOptions) -> Array:
    """The way (K, 3) mm from the opening to the first point of a path (M, 3), without that point.

    K is 0 where no opening lies ahead within reach, and where the path starts in one.
    """
    ostium, step_mm = options.ostium, options.tree.curve.step_mm
    box = lumen.box(path[0], ostium.reach_mm + ostium.opening_mm, STEP_MM)
    opening, start = _opening(box, ostium.opening_mm), _brightest(box, path[0])
    if not opening.any() or opening[tuple(start)]:
        return np.empty((0, 3))
    places = box.grid.points() - path[0]
    away = np.linalg.norm(places, axis=-1)
    back = options.tree.curve.steps(DIRECTION_MM)
    ahead = places @ _outward(path, back) >= ostium.cosine * away
    near = away <= ostium.reach_mm
    rim = opening & ~ndimage.binary_erosion(opening) & ahead & near
    route = _cheapest(np.where(near & (rim | ~opening), _cost(box), -1.0), start, rim)
    points = np.concatenate([path[:1], box.grid.to_lps(route[1:])])
    if len(points) < 2 or not step_mm <= path_length(points) <= ostium.reach_mm:
        return np.empty((0, 3))
    points = smooth_path(resample_path(points, step_mm), STAIRCASE_MM, pin_start=True)
    return resample_path(points, step_mm)[:0:-1]


def _opening(box: LumenBox, radius_mm: float) -> Mask:
    """Where a ball of blood fits: the morphological opening (Z, Y, X) of blood by the ball."""
    depth = ndimage.distance_transform_edt(box.values >= BLOOD, sampling=box.step_mm)
    centres = depth >= radius_mm
    if not centres.any():
        return centres
    return ndimage.distance_transform_edt(~centres, sampling=box.step_mm) < radius_mm


def _cheapest(cost: Array, start: Index, goal: Mask) -> Index:
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
    voxel = box.grid.nearest(point)
    margin = round(BESIDE_MM / box.step_mm)
    low = np.maximum(voxel - margin, 0)
    near = box.values[tuple(map(slice, low, voxel + margin + 1))]
    distance = np.linalg.norm(np.moveaxis(np.indices(near.shape), 0, -1) + low - voxel, axis=-1)
    chosen = (near - NEARNESS * distance).argmax()
    return np.array(np.unravel_index(chosen, near.shape), dtype=np.intp) + low


def _outward(path: Array, back: int) -> Array:
    """Unit direction (3,) in which a path comes to its first point, from ``back`` points before it."""
    direction = path[0] - path[min(len(path) - 1, back)]
    return direction / max(np.linalg.norm(direction), TINY)
