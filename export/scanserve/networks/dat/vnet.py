"""V-Net (Milletari et al. 2016) in 2-D with four levels, from the transitions of MONAI's VNet.

MONAI's own class is fixed at five levels of 16 to 256 channels with 5x5 convolutions, 37 MB in 2-D.
"""

from __future__ import annotations

from monai.networks.nets.vnet import DownTransition, InputTransition, OutputTransition, UpTransition
from torch import nn

from scanserve.networks.dat.levels import LevelNetwork

__all__ = ["VNet"]

_ACTIVATION = ("elu", {"inplace": True})
#: Convolutions per level below the first, on the downward and on the upward path, as in MONAI.
_DOWN, _UP = (1, 2, 3), (2, 1, 1)


class VNet(LevelNetwork):
    """Image ``[N, 1, h, w]`` to one channel of the same size; sizes are multiples of 8."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        w = width
        self.first = InputTransition(2, 1, w, _ACTIVATION)
        self.downs = nn.ModuleList(
            DownTransition(2, deep, count, _ACTIVATION)
            for deep, count in zip((w, 2 * w, 4 * w), _DOWN, strict=True)
        )
        # The skip has as many channels as the upsampled level, except in the deepest transition.
        ends = ((8 * w, 8 * w), (8 * w, 4 * w), (4 * w, 2 * w))
        self.ups = nn.ModuleList(
            UpTransition(2, deep, out, count, _ACTIVATION, dropout_prob=(None, 0.0), dropout_dim=2)
            for (deep, out), count in zip(ends, _UP, strict=True)
        )
        self.head = OutputTransition(2, 2 * w, 1, _ACTIVATION)
