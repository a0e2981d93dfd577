"""U-Net IKEM: an encoder down to stride 64, a decoder up to stride 4, hints at stride 4.

Symbols of shape comments: N films, w width, H W rows and columns of a heat map.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scanserve.contracts.spine import POINTS
from scanserve.networks.spine.blocks import conv_norm, head
from scanserve.networks.spine.interaction import Gate, HintFusion

__all__ = ["UNetConfig", "UNetIkem"]


@dataclass(frozen=True)
class UNetConfig:
    """Hyper-parameters: ``width`` channels at stride 2; ``gate`` 1 with the interaction-guided gate, else 0."""

    width: int = 24
    gate: int = 1


class UNetIkem(nn.Module):
    """Image, maps of hints and of previous points to logits of the heat maps at stride 4."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.stem = conv_norm(1, w, stride=2)
        self.early = conv_norm(w, 2 * w, stride=2)
        self.fusion = HintFusion(2 * w)
        widths = (2 * w, 4 * w, 8 * w, 8 * w, 8 * w)
        self.first = _double(widths[0], widths[0])
        self.down = nn.ModuleList(_down(a, b) for a, b in pairwise(widths))
        self.up = nn.ModuleList(
            _up(deep + skip, max(skip, 4 * w))
            for deep, skip in zip((8 * w, 8 * w, 8 * w, 4 * w), widths[-2::-1], strict=True)
        )
        self.gate = Gate(2 * w, 4 * w) if config.gate else None
        self.head = head(4 * w, POINTS)

    def forward(self, image: Tensor, hints: Tensor, previous: Tensor) -> Tensor:
        """``[N, 1, 512, 256]`` and twice ``[N, 68, H, W]`` to logits ``[N, 68, H, W]``."""
        early = self.fusion(self.early(self.stem(image)), hints, previous)  # [N, 2w, H, W]
        levels = [self.first(early)]
        for down in self.down:
            levels.append(down(levels[-1]))  # [N, 8w, H/16, W/16] at the end
        x = levels.pop()
        for up in self.up:
            skip = levels.pop()
            x = up(torch.cat((F.interpolate(x, scale_factor=2.0, mode="nearest"), skip), dim=1))
        if self.gate is not None:
            x = self.gate(x, hints, early)
        return self.head(x)  # x: [N, 4w, H, W]


def _double(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(*conv_norm(inputs, outputs), *conv_norm(outputs, outputs))


def _down(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(*conv_norm(inputs, outputs, stride=2), *conv_norm(outputs, outputs))


def _up(inputs: int, outputs: int) -> nn.Sequential:
    """The many channels of both sources are first mixed pixel by pixel, which costs a ninth."""
    return nn.Sequential(*conv_norm(inputs, outputs, kernel=1), *conv_norm(outputs, outputs))
