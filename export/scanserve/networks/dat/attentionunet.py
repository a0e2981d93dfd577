"""Attention U-Net (Oktay et al. 2018) in 2-D, from MONAI."""

from __future__ import annotations

from monai.networks.nets import AttentionUnet
from torch import nn

from scanserve.networks.dat.blocks import channels

__all__ = ["attention_unet"]


def attention_unet(width: int = 16, levels: int = 4) -> nn.Module:
    """Image ``[N, 1, h, w]`` to one channel of the same size; sizes are multiples of ``2 ** (levels - 1)``."""
    return AttentionUnet(2, 1, 1, channels=channels(width, levels), strides=[2] * (levels - 1))
