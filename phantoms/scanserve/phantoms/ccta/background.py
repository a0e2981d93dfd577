"""Painting of everything except the coronaries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.canvas import Canvas, GridCanvas, PointCanvas
from scanserve.phantoms.ccta.chest import AIR
from scanserve.phantoms.ccta.motion import sub_times

__all__ = ["FINE_MM", "background", "background_points", "upsample"]

#: On grids finer than this, the background is evaluated at WORK_MM and interpolated linearly.
FINE_MM, WORK_MM = 0.8, 1.0
#: Width of an edge as a fraction of the voxel size, at least MIN_SOFT_MM.
SOFT_SHARE, MIN_SOFT_MM = 1.0, 0.9
#: Points per chunk: neighbours in a list are usually neighbours in space, so most shapes miss a chunk.
CHUNK = 1 << 14
PERICARDIUM_MM, PERICARDIUM_HU = 1.3, 15.0


def background(anatomy: Anatomy, percent: float, grid: Grid, softer: float = 1.0) -> npt.NDArray[np.float32]:
    """HU (float32, [z, y, x]) without coronaries at a phase; ``softer`` scales the kernel's part of edge widths."""
    least = MIN_SOFT_MM * softer
    if max(grid.spacing) >= FINE_MM:
        canvas = GridCanvas(grid, AIR)
        paint(canvas, anatomy, percent, max(least, SOFT_SHARE * max(grid.spacing)))
        return canvas.hu
    work = _coarser(grid)
    canvas = GridCanvas(work, AIR)
    paint(canvas, anatomy, percent, least)
    return upsample(canvas.hu, work, grid)


def background_points(
    anatomy: Anatomy, percent: float, points: npt.NDArray, softer: float = 1.0
) -> npt.NDArray[np.float32]:
    """HU (N,) without coronaries at ``points`` (N, 3); ``softer`` as for :func:`background`."""
    out = np.empty(len(points), np.float32)
    for start in range(0, len(points), CHUNK):
        canvas = PointCanvas(points[start : start + CHUNK], AIR)
        paint(canvas, anatomy, percent, MIN_SOFT_MM * softer)
        out[start : start + CHUNK] = canvas.hu
    return out


def paint(canvas: Canvas, anatomy: Anatomy, percent: float, soft: float) -> None:
    """Paint chest and heart at a phase; motion in the acquisition window widens the edges of the heart."""
    for layer in anatomy.chest.trunk:
        canvas.paint(layer.shape, layer.hu, soft, layer.inflate)
    _paint_heart(canvas, anatomy, percent, soft)


def _motion_softness(anatomy: Anatomy, percent: float) -> float:
    values = anatomy.vessels[0].curve(sub_times(percent, anatomy.window_percent, 9))
    return 0.4 * anatomy.sizes.excursion * float(np.ptp(values))


def _paint_heart(canvas: Canvas, anatomy: Anatomy, percent: float, soft: float) -> None:
    parts, hu = anatomy.chambers(percent), anatomy.contrast
    fat = anatomy.chest.pericardial_fat
    for shape in parts.outside():
        canvas.paint(shape, PERICARDIUM_HU, soft, fat + PERICARDIUM_MM)
    for shape in parts.outside():
        canvas.paint(shape, hu.fat, soft, fat)
    for layer in anatomy.chest.middle:
        canvas.paint(layer.shape, layer.hu, soft)
    canvas.paint(anatomy.chest.descending, hu.myocardium * 0.6, soft, 1.4)
    canvas.paint(anatomy.chest.descending, hu.aorta, soft)
    edge = soft + _motion_softness(anatomy, percent)
    for shape in (*parts.pulmonary_veins, *parts.cavae, *parts.appendages):
        canvas.paint(shape, hu.fat, soft, 2.5)
    for shape in parts.ventricles:
        canvas.paint(shape, hu.myocardium, edge)
    canvas.paint(parts.right_cavity, hu.right, edge)
    canvas.paint(parts.ventricles[0], hu.myocardium, edge)
    canvas.paint(parts.left_cavity, hu.left, edge)
    for shape in parts.papillary:
        canvas.paint(shape, hu.myocardium, edge)
    _paint_base(canvas, anatomy, percent, soft, edge)


def _paint_base(canvas: Canvas, anatomy: Anatomy, percent: float, soft: float, edge: float) -> None:
    """Paint the atria, their vessels, the orifices of the valves and the great arteries."""
    parts, hu = anatomy.chambers(percent), anatomy.contrast
    wall = hu.myocardium * 0.7
    left, right = parts.atria
    canvas.paint(right, wall, edge, 1.0)
    canvas.paint(left, wall, edge, 1.0)
    for shape, value in zip(parts.cavae, (hu.vena_cava, hu.right * 0.7), strict=True):
        canvas.paint(shape, value, soft)
    canvas.paint(right, hu.right, edge, -1.0)
    for shape in parts.pulmonary_veins:
        canvas.paint(shape, hu.left, soft)
    canvas.paint(left, hu.left, edge, -1.0)
    canvas.paint(parts.coronary_sinus, hu.sinus, edge)
    canvas.paint(parts.appendages[0], hu.left * 0.92, soft)
    canvas.paint(parts.appendages[1], hu.right, soft)
    canvas.paint(parts.orifices[0], hu.left, edge)
    canvas.paint(parts.orifices[1], hu.right, edge)
    canvas.paint(parts.pulmonary_artery, wall, soft, 1.2)
    canvas.paint(parts.pulmonary_artery, hu.pulmonary, soft)
    canvas.paint(parts.aorta, wall, soft, 1.4)
    canvas.paint(parts.aorta, hu.aorta, soft)
    canvas.paint(parts.orifices[2], hu.left, edge)


def _coarser(grid: Grid) -> Grid:
    """A grid with the same corner voxels and a spacing of at most WORK_MM."""
    extent = (np.array(grid.shape[::-1]) - 1) * grid.spacing
    cells = np.maximum(np.ceil(extent / WORK_MM).astype(int), 1)
    return Grid(tuple(cells[::-1] + 1), grid.origin, np.maximum(extent, 1e-3) / cells)


def _places(work: int, fine: int) -> tuple[npt.NDArray, npt.NDArray[np.float32]]:
    at = np.linspace(0, work - 1, fine)
    low = np.minimum(at.astype(int), max(work - 2, 0))
    return low, (at - low).astype(np.float32)


def upsample(values: npt.NDArray[np.float32], work: Grid, grid: Grid) -> npt.NDArray[np.float32]:
    """Separable linear interpolation from ``work`` to ``grid``, which share their corner voxels.

    The order is x first (smallest array), then y, then z slice by slice, so that the largest step reads whole slices.
    Geometry's ``resample`` does not fit: the bits of every phantom depend on this order of operations.
    """
    (iz, wz), (iy, wy), (ix, wx) = (_places(w, f) for w, f in zip(work.shape, grid.shape, strict=True))
    rows = values[:, :, ix] * (1 - wx) + values[:, :, np.minimum(ix + 1, work.shape[2] - 1)] * wx
    upper = np.minimum(iy + 1, work.shape[1] - 1)
    planes = rows[:, iy] * (1 - wy)[:, None]
    planes += rows[:, upper] * wy[:, None]
    out = np.empty(grid.shape, np.float32)
    for k in range(grid.shape[0]):
        above = min(iz[k] + 1, work.shape[0] - 1)
        np.subtract(planes[above], planes[iz[k]], out=out[k])
        out[k] *= wz[k]
        out[k] += planes[iz[k]]
    return out
