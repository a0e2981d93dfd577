"""R2U-Net (Alom et al. 2018, arXiv:1802.06955): a U-Net of recurrent residual convolutions.

A recurrent convolution applies the same weights repeatedly to the sum of its input and its last output; a unit is two
of them with a residual connection.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from scanserve.networks.dat.blocks import channels, head

__all__ = ["R2UNet"]

#: Number of recurrences of a convolution, t in the paper.
RECURRENCES = 2


class R2UNet(nn.Module):
    """Image ``[N, 1, h, w]`` to one channel of the same size; sizes are multiples of ``2 ** (levels - 1)``."""

    def __init__(self, width: int = 16, levels: int = 4) -> None:
        super().__init__()
        sizes = channels(width, levels)
        self.units = nn.ModuleList(Unit(wide, deep) for wide, deep in pairwise([1, *sizes]))
        self.pool = nn.MaxPool2d(2)
        self.ups = nn.ModuleList(UpRecurrent(deep, wide) for wide, deep in reversed(list(pairwise(sizes))))
        self.head = head(width)

    def forward(self, image: Tensor) -> Tensor:
        """Go down to the deepest level, keep the output of each level, and go up again through these skips."""
        kept = [self.units[0](image)]  # [N, w, h, w]
        for unit in self.units[1:]:
            kept.append(unit(self.pool(kept[-1])))  # [N, 2^i w, h / 2^i, w / 2^i]
        x = kept.pop()
        for up in self.ups:
            x = up(x, kept.pop())
        return self.head(x)


class Recurrent(nn.Module):
    """A 3x3 convolution, applied to the input and then :data:`RECURRENCES` times to input plus state.

    The weights are shared, but the normalisation is not: input, and input plus state, have different distributions, and
    a common running mean fits neither (Cooijmans et al. 2017, arXiv:1603.09025).
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(size, size, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(size) for _ in range(RECURRENCES + 1))

    def forward(self, x: Tensor) -> Tensor:
        """``[N, size, h, w]`` to the same shape."""
        state = torch.zeros_like(x)
        for norm in self.norms:
            state = torch.relu(norm(self.convolution(x + state)))
        return state


class Unit(nn.Module):
    """A 1x1 convolution to ``outputs`` channels, and two recurrent convolutions with a residual connection."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(inputs, outputs, 1)
        self.body = nn.Sequential(Recurrent(outputs), Recurrent(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """``[N, inputs, h, w]`` to ``[N, outputs, h, w]``."""
        x = self.widen(x)
        return x + self.body(x)


class UpRecurrent(nn.Module):
    """Double the resolution, concatenate the skip of that level, and mix with a unit."""

    def __init__(self, deep: int, skip: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(deep, skip, 2, stride=2)
        self.unit = Unit(2 * skip, skip)

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        """``deep [N, deep, h, w]``, ``skip [N, skip, 2h, 2w]`` to ``[N, skip, 2h, 2w]``."""
        return self.unit(torch.cat((self.up(deep), skip), dim=1))
