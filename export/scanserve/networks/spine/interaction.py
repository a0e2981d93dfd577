"""What makes the networks interactive: fusion of hints, and the gate that hints control (Kim et al., MICCAI 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.spine import POINTS

__all__ = ["Gate", "HintFusion"]

#: Channels between the maps of hints and the features, and the scale of the fusion at the start.
_NARROW, _SCALE = 16, 0.05


class HintFusion(nn.Module):
    """Maps of hints and of previous points, added to the early features; almost nothing at the start."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(2 * POINTS, _NARROW, 1)
        self.act = nn.LeakyReLU(0.2)
        self.spread = nn.Conv2d(_NARROW, width, 3, padding=1)
        self.scale = nn.Parameter(torch.tensor(_SCALE))

    def forward(self, features: Tensor, hints: Tensor, previous: Tensor) -> Tensor:
        """Features ``[N, width, H, W]`` and two stacks of maps ``[N, K, H, W]`` to features."""
        found = self.spread(self.act(self.mix(torch.cat((hints, previous), dim=1).to(features.dtype))))
        return features + torch.abs(self.scale) * found


class Gate(nn.Module):
    """A factor for each channel before the head, from the hints and the early features.

    The global maximum lets a single hint anywhere reach every point.
    """

    def __init__(self, early: int, channels: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(POINTS + early, 2 * _NARROW, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * _NARROW, 2 * _NARROW, 3, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * _NARROW, channels, 3, stride=2, padding=1),
        )
        self.squeeze = nn.Sequential(
            nn.Linear(channels, _NARROW), nn.ReLU(inplace=True), nn.Linear(_NARROW, channels)
        )

    def forward(self, features: Tensor, hints: Tensor, early: Tensor) -> Tensor:
        """Features ``[N, channels, H, W]``, maps ``[N, K, H, W]`` and early features to features."""
        seen = self.look(torch.cat((hints.to(early.dtype), early), dim=1)).amax(dim=(2, 3))  # [N, channels]
        return features * torch.sigmoid(self.squeeze(seen)).unsqueeze(-1).unsqueeze(-1)
