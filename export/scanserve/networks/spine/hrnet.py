"""HRNet+OCR IKEM: parallel branches of four resolutions (Sun et al. 2019) and object-contextual features (Yuan 2020).

Symbols of shape comments: N films, w width, K points, H W rows and columns of a heat map, C channels of the context.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scanserve.contracts.spine import POINTS
from scanserve.networks.spine.blocks import Residual, conv_norm, head
from scanserve.networks.spine.interaction import Gate, HintFusion

__all__ = ["HRNetConfig", "HRNetIkem"]

#: Channels of the stem, and of the object context relative to the width; at least.
_STEM, _CONTEXT = 32, 4
#: Residual blocks of each branch between two exchanges.
_BLOCKS = 2
#: Branches before and in each stage.
_STAGES = ((1, 2), (2, 3), (3, 4), (4, 4))


@dataclass(frozen=True)
class HRNetConfig:
    """Hyper-parameters: ``width`` channels at stride 4; ``gate`` 1 with the interaction-guided gate, else 0."""

    width: int = 16
    gate: int = 1


class Maps(NamedTuple):
    """Logits ``[N, K, H, W]`` of the heat maps, and those of the auxiliary head."""

    points: Tensor
    regions: Tensor


class HRNetIkem(nn.Module):
    """Image, maps of hints and of previous points to logits of the heat maps, and to those of the auxiliary head."""

    def __init__(self, config: HRNetConfig) -> None:
        super().__init__()
        self.config = config
        w, context = config.width, _CONTEXT * config.width
        self.stem = conv_norm(1, _STEM, stride=2)
        self.early = conv_norm(_STEM, _STEM, stride=2)
        self.fusion = HintFusion(_STEM)
        self.first = nn.Sequential(conv_norm(_STEM, 2 * w), Residual(2 * w), Residual(2 * w))
        self.enter = conv_norm(2 * w, w)
        self.stages = nn.ModuleList(Stage(w, *stage) for stage in _STAGES)
        whole = 15 * w
        self.auxiliary = nn.Sequential(conv_norm(whole, context, kernel=1), head(context, POINTS))
        self.pixels = nn.Sequential(*conv_norm(whole, context, kernel=1), *conv_norm(context, context))
        self.context = ObjectContext(context)
        self.gate = Gate(_STEM, context) if config.gate else None
        self.head = head(context, POINTS)

    def forward(self, image: Tensor, hints: Tensor, previous: Tensor) -> Maps:
        """``[N, 1, 512, 256]`` and twice ``[N, K, H, W]`` to logits."""
        early = self.fusion(self.early(self.stem(image)), hints, previous)  # [N, 32, H, W]
        branches = [self.enter(self.first(early))]
        for stage in self.stages:
            branches = stage(branches)
        whole = torch.cat(
            [_enlarged(x, 2**level) for level, x in enumerate(branches)], dim=1
        )  # [N, 15w, H, W]
        regions = self.auxiliary(whole)
        x = self.context(self.pixels(whole), regions)  # [N, C, H, W]
        if self.gate is not None:
            x = self.gate(x, hints, early)
        return Maps(self.head(x), regions)


class Stage(nn.Module):
    """Residual blocks in each of ``branches`` branches, ``given`` of which go on from before; then an exchange."""

    def __init__(self, width: int, given: int, branches: int) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(branches)]
        self.enter = conv_norm(widths[-2], widths[-1], stride=2) if given < branches else None
        self.blocks = nn.ModuleList(nn.Sequential(*(Residual(w) for _ in range(_BLOCKS))) for w in widths)
        self.exchange = nn.ModuleList(
            nn.ModuleList(_path(widths, a, b) for a in range(branches)) for b in range(branches)
        )

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        """Features of each resolution, from the highest on."""
        if self.enter is not None:
            branches = [*branches, self.enter(branches[-1])]
        done = [block(x) for block, x in zip(self.blocks, branches, strict=True)]
        return [torch.relu(_summed(paths, done, to)) for to, paths in enumerate(self.exchange)]


def _path(widths: list[int], source: int, target: int) -> nn.Module:
    """From one resolution to another: halvings with convolutions, or one narrow convolution before enlarging."""
    if source == target:
        return nn.Identity()
    if source > target:
        return nn.Sequential(
            nn.Conv2d(widths[source], widths[target], 1, bias=False), nn.BatchNorm2d(widths[target])
        )
    steps = [conv_norm(widths[source], widths[source], stride=2) for _ in range(target - source - 1)]
    last = nn.Conv2d(widths[source], widths[target], 3, 2, 1, bias=False)
    return nn.Sequential(*steps, last, nn.BatchNorm2d(widths[target]))


def _summed(paths: nn.Module, branches: list[Tensor], to: int) -> Tensor:
    total = branches[to]
    for source, path in enumerate(paths):  # type: ignore[arg-type, var-annotated]
        if source != to:
            total = total + _enlarged(path(branches[source]), 2 ** max(0, source - to))
    return total


def _enlarged(x: Tensor, factor: int) -> Tensor:
    return (
        x
        if factor == 1
        else F.interpolate(x, scale_factor=float(factor), mode="bilinear", align_corners=False)
    )


class ObjectContext(nn.Module):
    """Features of each pixel beside those of the points that it may belong to."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        self.query = conv_norm(width, half, kernel=1)
        self.key = nn.Sequential(nn.Linear(width, half), nn.ReLU(inplace=True))
        self.value = nn.Sequential(nn.Linear(width, half), nn.ReLU(inplace=True))
        self.out = conv_norm(half + width, width, kernel=1)
        self.scale = half**-0.5

    def forward(self, pixels: Tensor, regions: Tensor) -> Tensor:
        """Pixels ``[N, C, H, W]`` and logits ``[N, K, H, W]`` to ``[N, C, H, W]``."""
        share = torch.softmax(regions.flatten(2).float(), dim=2).to(pixels.dtype)  # [N, K, H W]
        objects = torch.matmul(share, pixels.flatten(2).transpose(1, 2))  # [N, K, C]
        query = self.query(pixels).flatten(2).transpose(1, 2)  # [N, H W, C/2]
        likeness = torch.matmul(query, self.key(objects).transpose(1, 2)) * self.scale  # [N, H W, K]
        context = torch.matmul(torch.softmax(likeness, dim=2), self.value(objects))  # [N, H W, C/2]
        shape = (-1, context.shape[2], pixels.shape[2], pixels.shape[3])
        return self.out(torch.cat((context.transpose(1, 2).reshape(shape), pixels), dim=1))
