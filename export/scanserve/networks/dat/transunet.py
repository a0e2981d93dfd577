"""TransUNet (Chen et al. 2021, arXiv:2102.04306): a U-Net whose deepest level is a vision transformer.

The paper's encoder is a ResNet-50 with twelve layers of 768 channels over 14 x 14 tokens.  This one is sized for
64 x 64 images: a four-level U-Net encoder, and a few thin layers over the 8 x 8 positions of its deepest level.
MONAI's transformer blocks need einops, which nothing else here needs.  Symbols: T tokens, C channels, H heads.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.dat import IMAGE_SIZE
from scanserve.networks.dat.blocks import channels, down, head, two_conv, up_cat

__all__ = ["TransUNet"]

LEVELS = 4
HEADS = 4
#: Inner channels of a layer's perceptron, as a multiple of its outer channels.
EXPANSION = 2


class TransUNet(nn.Module):
    """Image ``[N, 1, 64, 64]`` to one channel of the same size."""

    def __init__(self, width: int = 16, layers: int = 4) -> None:
        super().__init__()
        w, w2, w4, w8 = channels(width, LEVELS)
        self.first = two_conv(1, w)
        self.down2, self.down4 = down(w, w2), down(w2, w4)
        self.embed = nn.Conv2d(w4, w8, 2, stride=2)  # patches of 2 x 2
        tokens = (IMAGE_SIZE // 2 ** (LEVELS - 1)) ** 2
        self.place = nn.Parameter(torch.zeros(1, tokens, w8))
        nn.init.trunc_normal_(self.place, std=0.02)
        self.layers = nn.Sequential(*(TransformerLayer(w8) for _ in range(layers)), nn.LayerNorm(w8))
        self.up4, self.up2, self.up1 = up_cat(w8, w4, w4), up_cat(w4, w2, w2), up_cat(w2, w, w)
        self.head = head(w)

    def forward(self, image: Tensor) -> Tensor:
        """Convolutions down to an eighth of the size, attention there, and up again through the skips."""
        full = self.first(image)  # [N, w, 64, 64]
        half = self.down2(full)  # [N, 2w, 32, 32]
        quarter = self.down4(half)  # [N, 4w, 16, 16]
        eighth = self.embed(quarter)  # [N, 8w, 8, 8]
        tokens = eighth.flatten(2).transpose(1, 2) + self.place  # [N, T, 8w]
        x = self.layers(tokens).transpose(1, 2).unflatten(2, eighth.shape[2:])  # [N, 8w, 8, 8]
        x = self.up4(x, quarter)
        x = self.up2(x, half)
        return self.head(self.up1(x, full))


class TransformerLayer(nn.Module):
    """A pre-norm transformer layer: attention over all tokens, then a perceptron per token."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.attention = Attention(size)
        self.perceptron = nn.Sequential(
            nn.Linear(size, EXPANSION * size), nn.GELU(), nn.Linear(EXPANSION * size, size)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """``[N, T, C]`` to the same shape."""
        tokens = tokens + self.attention(self.norm1(tokens))
        return tokens + self.perceptron(self.norm2(tokens))


class Attention(nn.Module):
    """Self-attention with :data:`HEADS` heads (Vaswani et al. 2017), in plain operators that every engine supports."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.scale = (size // HEADS) ** -0.5
        self.join = nn.Linear(size, 3 * size, bias=False)
        self.out = nn.Linear(size, size)

    def forward(self, tokens: Tensor) -> Tensor:
        """``[N, T, C]`` to the same shape."""
        query, key, value = (
            part.unflatten(2, (HEADS, -1)).transpose(1, 2) for part in self.join(tokens).chunk(3, dim=2)
        )  # [N, H, T, C/H] each
        weights = torch.softmax(query @ key.transpose(2, 3) * self.scale, dim=3)  # [N, H, T, T]
        return self.out((weights @ value).transpose(1, 2).flatten(2))
