"""Separable resampling as plain matrix products, so that it exports to ONNX and runs everywhere.

For each axis, a matrix ``[count, size]`` holds the weight of every input sample in every output sample.  The kernel is
a triangle (linear interpolation), widened by the step if the output is coarser than the input, which is the usual
antialiasing of linear resizing.  Rows are normalised; the row of an output sample outside the volume is zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from scanserve.contracts.ct import AIR_HU

__all__ = ["axis_weights", "contract", "resample_hu"]

#: Number of blocks into which each axis of a resampled volume is divided.
BLOCKS = 16

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


def contract(volume: Tensor, weights: Sequence[Tensor], blocks: int = 1) -> Tensor:
    """``[z, y, x]`` of any number type with weights ``[Z, z], [Y, y], [X, x]`` to float32 ``[Z, Y, X]``.

    Each axis of the output is computed in ``blocks``, each from the input samples with non-zero weight.  So a whole
    volume is never held as float32, and most products with zeros of a banded matrix are skipped.
    """
    along_z, along_y, along_x = weights
    slabs = []
    for rows in _blocks(along_z, blocks):
        first, end = _columns_used(rows)
        part = volume[first:end].to(torch.float32)  # [z', y, x]
        slab = torch.matmul(rows[:, first:end], part.flatten(1))  # [Z', y x]
        slab = slab.reshape(rows.shape[0], part.shape[1], part.shape[2])  # [Z', y, x]
        slabs.append(_contract_y(slab, along_y, blocks))
    return _contract_x(torch.cat(slabs), along_x, blocks)


def _contract_y(volume: Tensor, weights: Tensor, blocks: int) -> Tensor:
    """``[z, y, x]`` with weights ``[Y, y]`` to ``[z, Y, x]``."""
    parts = []
    for rows in _blocks(weights, blocks):
        first, end = _columns_used(rows)
        parts.append(torch.matmul(rows[:, first:end], volume[:, first:end]))
    return torch.cat(parts, dim=1)


def _contract_x(volume: Tensor, weights: Tensor, blocks: int) -> Tensor:
    """``[z, y, x]`` with weights ``[X, x]`` to ``[z, y, X]``."""
    parts = []
    for rows in _blocks(weights, blocks):
        first, end = _columns_used(rows)
        parts.append(torch.matmul(volume[:, :, first:end], rows[:, first:end].transpose(0, 1)))
    return torch.cat(parts, dim=2)


def _blocks(weights: Tensor, blocks: int) -> tuple[Tensor, ...]:
    """The rows of ``weights`` in ``blocks`` of nearly equal size."""
    return torch.split(weights, -(-weights.shape[0] // blocks))


def _columns_used(weights: Tensor) -> tuple[Tensor, Tensor]:
    """First and one past the last input index with non-zero weight; at least one column."""
    used = (weights.sum(dim=0) > 0).to(torch.int64)  # [size]
    indices = torch.arange(weights.shape[1])
    last = (used * indices).amax()
    first = torch.where(used > 0, indices, last).amin()
    return first, last + 1


def resample_hu(hu: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Resample HU ``[z, y, x]`` (int16) to float32 HU; air outside the volume."""
    resampled = contract(hu, weights, BLOCKS)
    cover_z, cover_y, cover_x = (matrix.sum(dim=1) for matrix in weights)  # each 0 or 1
    cover = cover_z[:, None, None] * cover_y[:, None] * cover_x
    return resampled + AIR_HU * (1.0 - cover)
