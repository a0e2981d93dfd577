"""The blocks of MONAI's BasicUNet in 2-D, with batch normalisation (it folds into the weights at export).

A *level* is one resolution: level 0 has ``width`` channels at the full size, every deeper level twice the channels at
half the size.
"""

from __future__ import annotations

from typing import Any

from monai.networks.nets.basic_unet import Down, TwoConv, UpCat
from torch import nn

__all__ = ["channels", "down", "head", "two_conv", "up_cat"]

_ACTIVATION = ("leakyrelu", {"negative_slope": 0.1, "inplace": True})
_COMMON: dict[str, Any] = {"act": _ACTIVATION, "norm": "batch", "bias": False}


def channels(width: int, levels: int) -> list[int]:
    """The channels of every level, from the full resolution down."""
    return [width * 2**level for level in range(levels)]


def two_conv(inputs: int, outputs: int) -> nn.Module:
    """Two 3x3 convolutions: ``[N, inputs, h, w]`` to ``[N, outputs, h, w]``."""
    return TwoConv(2, inputs, outputs, **_COMMON)


def down(inputs: int, outputs: int) -> nn.Module:
    """Max pooling of 2x2 pixels, then :func:`two_conv`: to ``[N, outputs, h/2, w/2]``."""
    return Down(2, inputs, outputs, **_COMMON)


def up_cat(deep: int, skip: int, outputs: int) -> nn.Module:
    """Transposed convolution, concatenation with the skip, then :func:`two_conv`.

    ``(deep [N, deep, h, w], skip [N, skip, 2h, 2w])`` to ``[N, outputs, 2h, 2w]``.
    """
    return UpCat(2, deep, skip, outputs, **_COMMON, is_pad=False)


def head(inputs: int) -> nn.Module:
    """The final 1x1 convolution, to one channel."""
    return nn.Conv2d(inputs, 1, 1)
