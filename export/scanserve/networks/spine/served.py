"""The networks behind their contract: hints are drawn, and peaks decoded and set right, inside the graph."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.networks.spine.edges import turned
from scanserve.networks.spine.points import decode, draw

__all__ = ["ServedSpine", "read"]

#: A flag above this fixes a point.
_FIXED = 0.5


def read(network: nn.Module, image: Tensor, hints: Tensor, previous: Tensor) -> tuple[Tensor, ...]:
    """Logits of the network for hints and previous points ``[N, 68, 3]``, the main ones first, in FP32."""
    found = network(image, draw(hints), draw(previous))
    maps = (found,) if isinstance(found, Tensor) else found
    return tuple(logits.float() for logits in maps)


class ServedSpine(nn.Module):
    """``image``, ``hints``, ``previous`` to ``points`` and ``heatmaps``; a fixed point comes back as it was given."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, hints: Tensor, previous: Tensor) -> tuple[Tensor, Tensor]:
        """``[N, 1, 512, 256]`` and twice ``[N, 68, 3]`` to ``[N, 68, 3]`` and UINT8 ``[N, 68, 128, 64]``."""
        probability = torch.sigmoid(read(self.network, image, hints, previous)[0])
        places, peaks = decode(probability)
        fixed = hints[..., 2:] > _FIXED  # [N, 68, 1]
        places = turned(torch.where(fixed, hints[..., :2], places), fixed.to(places.dtype))
        found = torch.cat((places, peaks.unsqueeze(-1)), dim=-1)
        given = torch.cat((hints[..., :2], torch.ones_like(peaks).unsqueeze(-1)), dim=-1)
        maps = torch.floor(probability * 255.0 + 0.5).to(torch.uint8)
        return torch.where(fixed, given, found), maps
