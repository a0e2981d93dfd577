"""The graph ``ccta_normalize``: a CT volume of any size resampled once, to the working grid at its centre."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM
from scanserve.networks.ccta.evidence import coarse_channels
from scanserve.networks.ccta.resample import axis_weights, resample_hu

__all__ = ["Normalize"]


class Normalize(nn.Module):
    """The graph, with exactly the inputs and outputs of the contract ``ccta_normalize``."""

    def forward(self, volume: Tensor, spacing: Tensor, origin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Working volume int16 HU ``[192, 192, 192]``, its origin ``[3]``, and ``coarse [1, 2, 96, 96, 96]``.

        Args:
            volume: int16 HU ``[z, y, x]``.
            spacing: ``[x, y, z]`` mm.
            origin: ``[x, y, z]`` mm LPS, the centre of voxel ``[0, 0, 0]``.
        """
        weights = [
            _centred_weights(volume.shape[axis], WORKING_SHAPE[axis], WORKING_SPACING_MM / spacing[2 - axis])
            for axis in range(3)
        ]
        hu = resample_hu(volume, weights)
        working_origin = origin + _middle(volume) * spacing - _half_extent()
        return torch.round(hu).to(torch.int16), working_origin, coarse_channels(hu).unsqueeze(0)


def _centred_weights(size: int, count: int, step: Tensor) -> Tensor:
    samples = torch.arange(size, dtype=torch.float32)  # [size]
    start = samples[-1] * 0.5 - (count - 1) / 2 * step
    return axis_weights(start, step, count, samples)


def _middle(volume: Tensor) -> Tensor:
    """Index ``[x, y, z]`` of the centre of the volume."""
    ends = [torch.arange(volume.shape[axis], dtype=torch.float32)[-1] for axis in (2, 1, 0)]
    return torch.stack(ends) * 0.5


def _half_extent() -> Tensor:
    """Offset ``[x, y, z]`` mm from the centre of voxel [0, 0, 0] of the working grid to the centre of the grid."""
    return torch.tensor([(WORKING_SHAPE[axis] - 1) / 2 * WORKING_SPACING_MM for axis in (2, 1, 0)])
