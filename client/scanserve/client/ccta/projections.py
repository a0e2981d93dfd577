"""Projections of one phase: its CT around the coronary arteries, with heat maps and centerlines.

Symbols: V vessels, M points of a main path.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta.views import Overlay, PlaneView
from scanserve.geometry import Grid, GridImage, HeatMap, VesselTree
from scanserve.geometry.heatmap import HOTTEST

__all__ = ["MARGIN_MM", "PIXEL_MM", "project"]

#: Shown around the centerlines' bounding box.
MARGIN_MM = 12.0
#: Pixels finer than this are skipped: the figure shows about one pixel per 0.5 mm.
PIXEL_MM = 0.6

#: name, axis summed over (of [z, y, x]), horizontal and vertical axis (of (x, y, z)), their labels.
_PLANES = (
    ("axial", 0, 0, 1, ("x (mm), right to left", "y (mm), anterior to posterior")),
    ("coronal", 1, 0, 2, ("x (mm), right to left", "z (mm), inferior to superior")),
    ("sagittal", 2, 1, 2, ("y (mm), anterior to posterior", "z (mm), inferior to superior")),
)


def project(
    image: GridImage, trees: Mapping[str, VesselTree], heatmaps: Mapping[str, HeatMap]
) -> tuple[PlaneView, ...]:
    """Project the region around the trees along the three patient axes (maximum intensity).

    Args:
        image: the phase's CT.
        trees: the trees that were found, by vessel.
        heatmaps: the crops, by vessel; those without a tree are left out.

    Returns:
        The axial, coronal and sagittal view; nothing when there is no tree.
    """
    if not trees:
        return ()
    region = _region(image.grid, trees)
    crop = image.values[tuple(region)]
    grid = _cut(image.grid, region, crop.shape)
    views = []
    for name, axis, across, up, labels in _PLANES:
        overlays = tuple(
            _overlay(vessel, tree, heatmaps[vessel], (axis, across, up)) for vessel, tree in trees.items()
        )
        views.append(_plane(name, crop.max(axis=axis), grid, (across, up), labels, overlays))
    return tuple(views)


def _region(grid: Grid, trees: Mapping[str, VesselTree]) -> list[slice]:
    """Strided slices [z, y, x] of the grid around all points."""
    points = np.concatenate([tree.points for tree in trees.values()])
    low = grid.to_index(points.min(axis=0) - MARGIN_MM)
    high = grid.to_index(points.max(axis=0) + MARGIN_MM)
    size = np.array(grid.shape)
    start = np.clip(np.floor(low).astype(int), 0, size - 1)
    stop = np.clip(np.ceil(high).astype(int) + 1, start + 1, size)
    step = np.maximum(np.rint(PIXEL_MM / grid.spacing[::-1]).astype(int), 1)
    return [slice(int(a), int(b), int(c)) for a, b, c in zip(start, stop, step, strict=True)]


def _cut(grid: Grid, region: list[slice], shape: tuple[int, ...]) -> Grid:
    """The grid of the voxels that strided slices pick."""
    strides = np.array([part.step for part in region][::-1])
    return Grid(shape, grid.to_lps([part.start for part in region]), strides * grid.spacing)


def _plane(
    name: str,
    image: npt.NDArray,
    grid: Grid,
    axes: tuple[int, int],
    labels: tuple[str, str],
    overlays: tuple[Overlay, ...],
) -> PlaneView:
    extent = _extent(image.shape, grid, axes)
    if name == "axial":
        return PlaneView(name, image, extent, labels, overlays)
    return PlaneView(name, *_upwards(image, extent), labels, tuple(map(_overlay_upwards, overlays)))


def _extent(shape: tuple[int, ...], grid: Grid, axes: tuple[int, int]) -> tuple[float, float, float, float]:
    """(left, right, bottom, top) of an image whose first row is at the top, pixel edges in mm."""
    pixel = grid.spacing[list(axes)]
    left, top = grid.origin[list(axes)] - pixel / 2
    return float(left), float(left + shape[1] * pixel[0]), float(top + shape[0] * pixel[1]), float(top)


def _upwards(image: npt.NDArray, extent: tuple) -> tuple[npt.NDArray, tuple]:
    """Turn rows over, so that superior is at the top."""
    left, right, bottom, top = extent
    return image[::-1], (left, right, top, bottom)


def _overlay_upwards(overlay: Overlay) -> Overlay:
    heat, extent = _upwards(overlay.heat, overlay.extent)
    return Overlay(overlay.vessel, heat, extent, overlay.path, overlay.branches)


def _overlay(vessel: str, tree: VesselTree, heatmap: HeatMap, plane: tuple[int, int, int]) -> Overlay:
    axis, *axes = plane
    heat = (heatmap.values.max(axis=axis) / HOTTEST).astype(np.float32)
    extent = _extent(heat.shape, heatmap.grid, plane[1:])
    branches = tuple(tree.branch_points(number)[:, axes] for number in range(len(tree.branches)))
    return Overlay(vessel, heat, extent, tree.path_points()[:, axes], branches)
