"""U-Net (Ronneberger et al. 2015) of one to five levels, from the blocks of MONAI's BasicUNet.

MONAI's own class is fixed at five levels; one level is two convolutions at the full resolution.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from scanserve.networks.dat.blocks import channels, down, head, two_conv, up_cat

__all__ = ["UNet"]


class UNet(nn.Module):
    """Image ``[N, 1, h, w]`` to one channel of the same size; sizes are multiples of ``2 ** (levels - 1)``."""

    def __init__(self, width: int = 16, levels: int = 4) -> None:
        super().__init__()
        sizes = channels(width, levels)
        self.first = two_conv(1, width)
        self.downs = nn.ModuleList(down(wide, deep) for wide, deep in pairwise(sizes))
        self.ups = nn.ModuleList(up_cat(deep, wide, wide) for wide, deep in reversed(list(pairwise(sizes))))
        self.head = head(width)

    def forward(self, image: Tensor) -> Tensor:
        """Down to the deepest level, keeping each one, and up again through the kept ones."""
        kept = [self.first(image)]  # [N, w, h, w]
        for layer in self.downs:
            kept.append(layer(kept[-1]))  # [N, 2^i w, h / 2^i, w / 2^i]
        x = kept.pop()
        for layer in self.ups:
            x = layer(x, kept.pop())
        return self.head(x)
