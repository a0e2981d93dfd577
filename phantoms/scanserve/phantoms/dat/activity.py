"""The distribution of the tracer: concentrations in the voxels of a head, and masks of its structures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from scanserve.geometry.grid import Grid
from scanserve.phantoms.dat.head import CORTEX_MM, SCALP_MM, SIDES, STRUCTURES, Head
from scanserve.phantoms.ellipsoid import Ellipsoid

__all__ = ["OCCIPITAL", "activity", "masks"]

#: Name of the reference region.
OCCIPITAL = "occipital"
#: Points per voxel and axis over which the concentration is averaged.
FINE = 2
#: The reference region: position toward the back of the brain (-1 front, 1 back), largest distance from its middle
#: height, and largest fraction of the radius, so that blur brings in little from outside.
OCCIPITAL_BACK, OCCIPITAL_HEIGHT, OCCIPITAL_LEVEL = 0.55, 0.35, 0.85

Array = npt.NDArray[np.floating]


def activity(head: Head, grid: Grid) -> npt.NDArray[np.float32]:
    """Mean concentration in every voxel ``[z, y, x]``, relative to the cortex."""
    values = np.zeros(tuple(FINE * n for n in grid.shape), np.float32)
    axes = _axes(grid, FINE)
    for body, uptake in _layers(head):
        _fill(values, axes, body, lambda *_, uptake=uptake: uptake)
    for name in STRUCTURES:
        _fill(values, axes, head.structure(name), _striatal(head, name))
    z, y, x = grid.shape
    return values.reshape(z, FINE, y, FINE, x, FINE).mean(axis=(1, 3, 5))


def masks(head: Head, grid: Grid) -> Mapping[str, npt.NDArray[np.bool_]]:
    """Masks ``[z, y, x]`` of the voxels with their centre in each of STRUCTURES and in the occipital reference."""
    z, y, x = _axes(grid, 1)
    found = {name: head.structure(name).level(x, y, z) <= 1 for name in STRUCTURES}
    back, height = head.brain.along(x, y, z, 1), head.brain.along(x, y, z, 2)
    behind = (back >= OCCIPITAL_BACK) & (np.abs(height) <= OCCIPITAL_HEIGHT)
    return found | {OCCIPITAL: behind & (head.brain.level(x, y, z) <= OCCIPITAL_LEVEL)}


def _axes(grid: Grid, parts: int) -> tuple[Array, Array, Array]:
    """Coordinates (mm), broadcasting to ``[z, y, x]``, of the centres of ``parts`` parts per voxel and axis."""
    offsets = (np.arange(parts) + 0.5) / parts - 0.5
    x, y, z = (
        (axis[:, None] + step * offsets).astype(np.float32).ravel()
        for axis, step in zip(grid.axes(), grid.spacing, strict=True)
    )
    return z[:, None, None], y[:, None], x


def _layers(head: Head) -> Iterator[tuple[Ellipsoid, float]]:
    """The painted layers, from the outside inward."""
    uptake = head.uptake
    yield head.surface, uptake.scalp
    yield head.surface.grown(-SCALP_MM), uptake.skull
    yield head.brain, 1.0
    yield head.brain.grown(-CORTEX_MM), uptake.white
    for side in SIDES:
        yield head.ventricle(side), uptake.ventricle


def _striatal(head: Head, name: str) -> Callable[[Array, Array, Array], Array | float]:
    """The concentration in a caudate or putamen at x, y, z; that of the putamen decreases from front to back."""
    kind, side = name.split("_")
    left, excess, body = head.left_of(side), head.uptake.striatum - 1, head.structure(name)
    if kind == "caudate":
        return lambda *_: 1 + excess * left.caudate
    slope = (left.back - left.front) / 2
    return lambda x, y, z: 1 + excess * (left.front + slope * (body.along(x, y, z, 1) + 1))


def _fill(
    values: Array,
    axes: tuple[Array, Array, Array],
    body: Ellipsoid,
    uptake: Callable[[Array, Array, Array], Array | float],
) -> None:
    """Paint one body; only its bounding box is evaluated, which saves most of the time."""
    box, parts = [], []
    for axis, centre, half in zip(axes, body.centre[::-1], body.half_size[::-1], strict=True):
        first, last = np.searchsorted(axis.ravel(), [centre - half, centre + half])
        box.append(slice(first, last))
        parts.append(axis[first:last] if axis.ndim == 1 else axis[first:last, ...])
    z, y, x = parts
    inside = body.level(x, y, z) <= 1
    values[tuple(box)] = np.where(inside, uptake(x, y, z), values[tuple(box)])
