"""3D ResUNet-50: a ResNet-50 encoder (bottleneck stages 3-4-6-3), a thin decoder, and skips at every level.

Symbols of shape comments: N batch, w width, D H W the z, y, x of the input.  Width 64 gives the channels of the
classic ResNet-50 (He et al. 2016, table 1); the shipped network is narrower by a constant factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from scanserve.networks.ccta.resnet import EXPANSION, STAGE_BLOCKS, conv_norm, stage

__all__ = ["ResUNet50", "ResUNetConfig"]

#: Heat maps are nearly empty, so the output of the untrained network is near sigmoid(-4) = 0.02.
_INITIAL_LOGIT = -4.0

#: Sizes along z, y and x must be multiples of this: five halvings.
STRIDE = 32


@dataclass(frozen=True)
class ResUNetConfig:
    """Hyper-parameters of :class:`ResUNet50`: channels in and out, and the width ``w``."""

    in_channels: int = 1
    out_channels: int = 3
    width: int = 8


class ResUNet50(nn.Module):
    """Image ``[N, in, z, y, x]`` to logits ``[N, out, z, y, x]``; sizes are multiples of 32."""

    def __init__(self, config: ResUNetConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.stem = conv_norm(config.in_channels, w, kernel=5, stride=2)
        self.pool = nn.MaxPool3d(3, stride=2, padding=1)
        self.stage1 = stage(w, w, STAGE_BLOCKS[0], stride=1)
        self.stage2 = stage(EXPANSION * w, 2 * w, STAGE_BLOCKS[1], stride=2)
        self.stage3 = stage(EXPANSION * 2 * w, 4 * w, STAGE_BLOCKS[2], stride=2)
        self.stage4 = stage(EXPANSION * 4 * w, 8 * w, STAGE_BLOCKS[3], stride=2)
        self.up4 = UpConvolution(32 * w, 16 * w, 8 * w)
        self.up3 = UpConvolution(8 * w, 8 * w, 4 * w)
        self.up2 = UpConvolution(4 * w, 4 * w, 4 * w)
        self.up1 = UpConvolution(4 * w, w, 2 * w)
        self.up0 = nn.ConvTranspose3d(2 * w, w, 2, stride=2)
        self.full = conv_norm(w + config.in_channels, w, kernel=3)
        self.head = nn.Conv3d(w, config.out_channels, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.constant_(self.head.get_parameter("bias"), _INITIAL_LOGIT)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of the heat maps at the resolution of ``image``."""
        half = self.stem(image)  # [N, w, D/2, H/2, W/2]
        level4 = self.stage1(self.pool(half))  # [N, 4w, D/4, H/4, W/4]
        level8 = self.stage2(level4)  # [N, 8w, D/8, H/8, W/8]
        level16 = self.stage3(level8)  # [N, 16w, D/16, H/16, W/16]
        level32 = self._deepest(level16)  # [N, 32w, D/32, H/32, W/32]
        x = self.up4(level32, level16)  # [N, 8w, D/16, H/16, W/16]
        x = self.up3(x, level8)  # [N, 4w, D/8, H/8, W/8]
        x = self.up2(x, level4)  # [N, 4w, D/4, H/4, W/4]
        x = self.up1(x, half)  # [N, 2w, D/2, H/2, W/2]
        x = self.up0(x)  # [N, w, D, H, W]
        x = self.full(torch.cat((x, image.to(x.dtype)), dim=1))  # [N, w, D, H, W]
        return self.head(x)  # [N, out, D, H, W]

    def _deepest(self, level16: Tensor) -> Tensor:
        """The last stage, which trains in the precision of its weights even where the rest trains in bfloat16.

        In bfloat16, oneDNN reads memory that nobody has written in the backward pass of maps of a few voxels.
        """
        if not self.training:
            return self.stage4(level16)
        weights = next(self.stage4.parameters())
        with torch.autocast(level16.device.type, enabled=False):
            return self.stage4(level16.to(weights.dtype))


class UpConvolution(nn.Module):
    """Double the resolution, concatenate the skip of that level, and mix with two 3x3x3 convolutions."""

    def __init__(self, deep: int, skip: int, out: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose3d(deep, out, 2, stride=2)
        self.mix = nn.Sequential(conv_norm(out + skip, out, kernel=3), conv_norm(out, out, kernel=3))

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        """``deep [N, deep, d, h, w]``, ``skip [N, skip, 2d, 2h, 2w]`` to ``[N, out, 2d, 2h, 2w]``."""
        return self.mix(torch.cat((self.up(deep), skip), dim=1))
