"""U-Net++ (Zhou et al. 2018): a U-Net whose skips pass through nested convolutions, from MONAI's blocks.

Node ``(i, j)`` is the j-th at level i; it mixes all earlier nodes of its level with the upsampled node below:
``x(i, j) = H(x(i, 0), ..., x(i, j-1), up(x(i+1, j-1)))``.  Without deep supervision, the output is the last node of
level 0.  MONAI's own class is fixed at five levels.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from scanserve.networks.dat.blocks import channels, down, head, two_conv, up_cat

__all__ = ["UNetPlusPlus"]


class UNetPlusPlus(nn.Module):
    """Image ``[N, 1, h, w]`` to one channel of the same size; sizes are multiples of ``2 ** (levels - 1)``."""

    def __init__(self, width: int = 16, levels: int = 4) -> None:
        super().__init__()
        sizes = channels(width, levels)
        self.first = two_conv(1, width)
        self.downs = nn.ModuleList(down(wide, deep) for wide, deep in pairwise(sizes))
        self.nodes = nn.ModuleDict(
            {
                f"{i}-{j}": up_cat(sizes[i + 1], j * sizes[i], sizes[i])
                for j in range(1, levels)
                for i in range(levels - j)
            }
        )
        self.head = head(width)

    def forward(self, image: Tensor) -> Tensor:
        """Evaluate column by column: every node of column j needs only its level and column j - 1."""
        levels = [[self.first(image)]]  # levels[i][j]: [N, 2^i w, h / 2^i, w / 2^i]
        for layer in self.downs:
            levels.append([layer(levels[-1][0])])
        for j in range(1, len(levels)):
            for i in range(len(levels) - j):
                skips = torch.cat(levels[i], dim=1)
                levels[i].append(self.nodes[f"{i}-{j}"](levels[i + 1][j - 1], skips))
        return self.head(levels[0][-1])
