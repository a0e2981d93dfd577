"""Values at points of space as a scan gives them: known at the centres of voxels, linear in between.

Interpolation between voxels blurs, and it correlates noise.  Both depend on where a point lies between the voxels, so
that a Gaussian only resembles them; here the voxels themselves are made, as far as they are needed.

Symbols: N points, V voxels.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from scanserve.geometry.sampling import gather_linear
from scanserve.phantoms.ccta import add_noise

__all__ = ["grain", "through_voxels"]

Floats = npt.NDArray[np.float32]
#: Values (V,) at the centres of voxels: their positions (V, 3) in voxels, whole numbers.
Field = Callable[[npt.NDArray[np.intp]], npt.NDArray]

#: Noise repeats after so many voxels; a vessel of 160 mm turns too much to meet the same noise again.
BLOCK = (64, 128, 128)


def through_voxels(field: Field, points: npt.NDArray, spacing_mm: tuple[float, float, float]) -> Floats:
    """A field at points (..., 3) mm, interpolated between the voxels around them.

    Args:
        field: values at the centres of voxels, asked once, only for voxels beside a point.
        points: x, y, z; the centre of voxel (0, 0, 0) is the origin.
        spacing_mm: of the voxels, x, y, z.
    """
    places = points.reshape(-1, 3) / np.asarray(spacing_mm)
    first = np.floor(places.min(axis=0)).astype(np.intp)
    needed = _beside(places - first)
    values = np.zeros(needed.shape, np.float32)
    values[needed] = field(np.argwhere(needed) + first)
    index = np.ascontiguousarray((places - first).T[::-1], np.float32)
    return gather_linear(values.transpose(2, 1, 0), index, None).reshape(points.shape[:-1])


def grain(rng: np.random.Generator, correlation: float) -> Field:
    """Noise of a standard deviation of 1 HU at the centres of voxels, correlated over so many voxels."""
    return partial(_repeated, add_noise(np.zeros(BLOCK, np.float32), rng, 1.0, correlation))


def _repeated(block: Floats, voxels: npt.NDArray[np.intp]) -> Floats:
    return block[tuple((voxels % BLOCK).T)]


def _beside(places: npt.NDArray) -> npt.NDArray[np.bool_]:
    """Mask [x, y, z] of the voxels that are corners of the cells in which points (N, 3) lie."""
    cell = places.astype(np.intp)
    mask = np.zeros(cell.max(axis=0) + 2, np.bool_)
    mask[tuple(cell.T)] = True
    for axis in range(3):
        mask |= np.roll(mask, 1, axis)
    return mask
