"""Separable resampling as plain matrix products, so that it exports to ONNX and runs everywhere.

For each axis, a matrix ``[count, size]`` holds the weight of every input sample in every output sample.  The kernel is
a triangle (linear interpolation), widened by the step if the output is coarser than the input, which is the usual
antialiasing of linear resizing.  Rows are normalised; the row of an output sample outside the volume is zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from scanserve.contracts.ccta import HU_LOW
from scanserve.networks.ccta.windowing import window

__all__ = ["axis_weights", "contract", "resample_windowed"]

#: Number of slabs of slices into which a resampled volume is divided.
SLABS = 8

#: A volume extends half a voxel beyond the centres of its outermost voxels.  The additional thousandth of a voxel
#: keeps a grid inside that ends exactly there, despite rounding.
_REACH = 0.501


def axis_weights(start: Tensor, step: Tensor, count: int, samples: Tensor) -> Tensor:
    """Weights ``[count, size]`` of one axis.

    Args:
        start: position of output sample 0, in input indices (0 is the centre of input sample 0).
        step: distance between output samples, in input indices.
        count: number of output samples.
        samples: ``[size]``, the input indices 0, 1, ... as floats.
    """
    positions = start + step * torch.arange(count, dtype=torch.float32)  # [count]
    reach = torch.clamp(step, min=1.0)
    distance = torch.abs(samples.unsqueeze(0) - positions.unsqueeze(1)) / reach  # [count, size]
    weights = torch.clamp(1.0 - distance, min=0.0)
    last = samples[-1]
    inside = (positions >= -_REACH) & (positions <= last + _REACH)  # [count]
    total = weights.sum(dim=1).clamp(min=1e-6)
    return weights * (inside.to(torch.float32) / total).unsqueeze(1)


def contract(volume: Tensor, weights: Sequence[Tensor], slabs: int = 1) -> Tensor:
    """``[z, y, x]`` of any number type with weights ``[Z, z], [Y, y], [X, x]`` to float32 ``[Z, Y, X]``.

    The output is computed in ``slabs`` of slices, each from the input slices with non-zero weight.  So a whole volume
    is never held as float32, and most products with zeros of a banded matrix are skipped.
    """
    along_z, along_y, along_x = weights
    y, x = _columns_used(along_y), _columns_used(along_x)
    along_y, along_x = along_y[:, y[0] : y[1]], along_x[:, x[0] : x[1]].transpose(0, 1)
    parts = []
    for rows in torch.split(along_z, -(-along_z.shape[0] // slabs)):
        z = _columns_used(rows)
        part = volume[z[0] : z[1]][:, y[0] : y[1]][:, :, x[0] : x[1]].to(torch.float32)  # [z', y', x']
        slab = torch.matmul(rows[:, z[0] : z[1]], part.flatten(1))  # [Z', y' x']
        slab = slab.reshape(rows.shape[0], part.shape[1], part.shape[2])  # [Z', y', x']
        parts.append(torch.matmul(along_y, torch.matmul(slab, along_x)))  # [Z', Y, X]
    return torch.cat(parts)


def _columns_used(weights: Tensor) -> tuple[Tensor, Tensor]:
    """First and one past the last input index with non-zero weight; at least one column."""
    used = (weights.sum(dim=0) > 0).to(torch.int64)  # [size]
    indices = torch.arange(weights.shape[1])
    last = (used * indices).amax()
    first = torch.where(used > 0, indices, last).amin()
    return first, last + 1


def resample_windowed(hu: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Resample HU ``[z, y, x]`` (int16), then window to -1..1; -1 outside the volume.

    The window clips after resampling: HU are averaged as in the slices of a scanner, and a pass over the full-size
    volume is saved.
    """
    resampled = contract(hu, weights, SLABS)
    cover_z, cover_y, cover_x = (matrix.sum(dim=1) for matrix in weights)  # each 0 or 1
    cover = cover_z[:, None, None] * cover_y[:, None] * cover_x
    return window(resampled + HU_LOW * (1.0 - cover))
