"""Layers shared by both networks."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["Residual", "conv_norm", "head"]

#: Heat maps are nearly empty, so the output of the untrained network is near sigmoid(-5) = 0.007.
_INITIAL_LOGIT = -5.0


def conv_norm(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two 3 x 3 convolutions beside the identity (He et al. 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv_norm(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """``[N, width, h, w]`` to the same shape."""
        return self.act(x + self.second(self.first(x)))


def head(inputs: int, outputs: int) -> nn.Conv2d:
    """The last convolution, whose output starts near an empty heat map."""
    layer = nn.Conv2d(inputs, outputs, 1)
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.constant_(layer.get_parameter("bias"), _INITIAL_LOGIT)
    return layer
