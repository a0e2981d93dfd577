"""A denoising network behind its contract: the network predicts a correction, not the slice itself.

Residual learning (Zhang et al. 2017): the noise of a slice is simpler than the slice.  So every architecture starts
near the identity and keeps the scale of the counts.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["ServedDenoise", "restore"]


def restore(network: nn.Module, slices: Tensor) -> Tensor:
    """``slices [N, 1, 64, 64]`` plus the network's correction, in FP32 regardless of the network's precision."""
    return slices + network(slices).float()


class ServedDenoise(nn.Module):
    """``slices`` to ``restored``: counts are never negative."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, slices: Tensor) -> Tensor:
        """``[N, 1, 64, 64]`` to ``[N, 1, 64, 64]``."""
        return torch.relu(restore(self.network, slices))
