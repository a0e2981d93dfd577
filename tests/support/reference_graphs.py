"""Plain numpy definitions of the resampling, sample by sample, to hold the graphs against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.contracts.ct import AIR_HU


def axis_matrix(positions: npt.NDArray, step: float, size: int) -> npt.NDArray:
    """Weights [len(positions), size] of a triangle kernel of half width max(step, 1), in input indices."""
    reach = max(step, 1.0)
    matrix = np.zeros((len(positions), size))
    for row, position in enumerate(positions):
        if -0.501 <= position <= size - 0.499:
            for column in range(size):
                matrix[row, column] = max(0.0, 1.0 - abs(column - position) / reach)
            matrix[row] /= matrix[row].sum()
    return matrix


def resample_hu(
    volume: npt.NDArray, spacing: npt.NDArray, first: npt.NDArray, step_mm: float, shape: tuple[int, ...]
) -> npt.NDArray:
    """The HU on a grid, air outside the volume.

    Args:
        volume: HU [z, y, x]; its voxel [0, 0, 0] is at 0 mm.
        spacing: mm (z, y, x).
        first: centre of output voxel [0, 0, 0], mm (z, y, x).
        step_mm: isotropic output spacing.
        shape: output shape.
    """
    positions = [(first[a] + step_mm * np.arange(shape[a])) / spacing[a] for a in range(3)]
    matrices = [axis_matrix(positions[a], step_mm / spacing[a], volume.shape[a]) for a in range(3)]
    hu = np.einsum("zyx,az,by,cx->abc", volume.astype(float), *matrices, optimize=True)
    cover = np.einsum("a,b,c->abc", *(matrix.sum(axis=1) for matrix in matrices))
    return hu + AIR_HU * (1 - cover)
