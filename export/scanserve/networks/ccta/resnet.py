"""The blocks of a 3D ResNet-50, shared by the networks based on it.

Bottleneck with the stride on the 3x3x3 convolution ("ResNet v1.5"), batch normalisation after every
convolution (it folds into the weights at export).
"""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["EXPANSION", "STAGE_BLOCKS", "Bottleneck", "conv_norm", "stage"]

#: Bottleneck blocks of the four stages of a ResNet-50.
STAGE_BLOCKS = (3, 4, 6, 3)
#: Output channels of a bottleneck, as a multiple of its inner channels.
EXPANSION = 4
#: Training batches hold one or two volumes, so running statistics average over more steps than with torch's 0.1.
_NORM_MOMENTUM = 0.05


def conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1, *, relu: bool = True) -> nn.Sequential:
    """Convolution without bias, batch normalisation and, with ``relu``, a rectifier; "same" padding."""
    layers: list[nn.Module] = [
        nn.Conv3d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm3d(outputs, momentum=_NORM_MOMENTUM),
    ]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if relu else []))


class Bottleneck(nn.Module):
    """1x1x1 down to ``planes``, 3x3x3, 1x1x1 up to ``4 planes``, added to the input."""

    def __init__(self, inputs: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        outputs = EXPANSION * planes
        self.reduce = conv_norm(inputs, planes, kernel=1)
        self.spatial = conv_norm(planes, planes, kernel=3, stride=stride)
        self.expand = conv_norm(planes, outputs, kernel=1, relu=False)
        # Every block starts as the identity (Goyal et al. 2017).
        nn.init.zeros_(self.expand.get_parameter("1.weight"))
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else conv_norm(inputs, outputs, 1, stride, relu=False)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """``[N, inputs, d, h, w]`` to ``[N, 4 planes, d/stride, h/stride, w/stride]``."""
        y = self.expand(self.spatial(self.reduce(x)))
        return self.relu(y + self.shortcut(x))


def stage(inputs: int, planes: int, blocks: int, stride: int) -> nn.Sequential:
    """A stage of ``blocks`` bottlenecks; the first has the stride."""
    first = Bottleneck(inputs, planes, stride)
    return nn.Sequential(first, *(Bottleneck(EXPANSION * planes, planes) for _ in range(blocks - 1)))
