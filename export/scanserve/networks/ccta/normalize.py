"""The graph ``ccta_normalize``: a CT volume of any size resampled to the fixed coarse grid at its centre."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import COARSE_SHAPE, COARSE_SPACING_MM
from scanserve.networks.ccta.resample import axis_weights, resample_windowed

__all__ = ["Normalize"]


class Normalize(nn.Module):
    """``volume`` int16 HU ``[z, y, x]`` and ``spacing`` ``[x, y, z]`` mm to ``coarse [1, 1, 96, 96, 96]``."""

    def forward(self, volume: Tensor, spacing: Tensor) -> Tensor:
        """Resample (antialiased) about the centre of the volume and window to -1..1; -1 outside the volume."""
        weights = [
            _centred_weights(volume.shape[axis], COARSE_SHAPE[axis], COARSE_SPACING_MM / spacing[2 - axis])
            for axis in range(3)
        ]
        return resample_windowed(volume, weights).unsqueeze(0).unsqueeze(0)


def _centred_weights(size: int, count: int, step: Tensor) -> Tensor:
    samples = torch.arange(size, dtype=torch.float32)  # [size]
    start = samples[-1] * 0.5 - (count - 1) / 2 * step
    return axis_weights(start, step, count, samples)
