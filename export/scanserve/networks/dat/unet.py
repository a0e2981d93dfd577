"""U-Net (Ronneberger et al. 2015) of one to five levels, from the blocks of MONAI's BasicUNet.

MONAI's own class is fixed at five levels; a single level is two convolutions at the full resolution.
"""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from scanserve.networks.dat.blocks import channels, down, head, two_conv, up_cat
from scanserve.networks.dat.levels import LevelNetwork

__all__ = ["UNet"]


class UNet(LevelNetwork):
    """Image ``[N, 1, h, w]`` to one channel of the same size; sizes are multiples of ``2 ** (levels - 1)``."""

    def __init__(self, width: int = 16, levels: int = 4) -> None:
        super().__init__()
        sizes = channels(width, levels)
        self.first = two_conv(1, width)
        self.downs = nn.ModuleList(down(wide, deep) for wide, deep in pairwise(sizes))
        self.ups = nn.ModuleList(up_cat(deep, wide, wide) for wide, deep in reversed(list(pairwise(sizes))))
        self.head = head(width)
