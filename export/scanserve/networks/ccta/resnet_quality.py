"""3D ResNet-50 over a straightened vessel, with a classifier head and a ranking head.

Both heads are linear and applied to every section before pooling.  The pooled class logits are thus the mean of the
class activation map (CAM) over the sections that the vessel fills, and the CAM needs no backward pass (Zhou et al.
2016).  Symbols of shape comments: N batch, w width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import QUALITY_CLASSES, SECTION_MM, SECTIONS
from scanserve.networks.ccta.resnet import EXPANSION, STAGE_BLOCKS, conv_norm, stage

__all__ = ["QualityConfig", "QualityOutput", "ResNet50Quality", "masked_mean", "valid_sections"]


@dataclass(frozen=True)
class QualityConfig:
    """Hyper-parameters of :class:`ResNet50Quality`: the width ``w`` and the number of classes."""

    width: int = 8
    classes: int = len(QUALITY_CLASSES)


class QualityOutput(NamedTuple):
    """``class_logits [N, class]``, ``ranking [N, 1]`` and ``cam [N, class, section]`` (logits)."""

    class_logits: Tensor
    ranking: Tensor
    cam: Tensor


class ResNet50Quality(nn.Module):
    """Windowed straightened vessel ``[N, 1, 320, 32, 32]`` and valid sections ``[N, 20]`` to logits."""

    def __init__(self, config: QualityConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.stem = conv_norm(1, w, kernel=5, stride=2)
        self.pool = nn.MaxPool3d(3, stride=2, padding=1)
        self.stage1 = stage(w, w, STAGE_BLOCKS[0], stride=1)
        self.stage2 = stage(EXPANSION * w, 2 * w, STAGE_BLOCKS[1], stride=2)
        self.stage3 = stage(EXPANSION * 2 * w, 4 * w, STAGE_BLOCKS[2], stride=2)
        self.stage4 = stage(EXPANSION * 4 * w, 8 * w, STAGE_BLOCKS[3], stride=1)
        self.classifier = nn.Conv1d(32 * w, config.classes, 1)
        self.ranker = nn.Conv1d(32 * w, 1, 1)

    def forward(self, image: Tensor, valid: Tensor) -> QualityOutput:
        """Class logits, ranking score and CAM; ``valid`` is true (or 1) where the vessel fills a section."""
        x = self.stem(image)  # [N, w, 160, 16, 16]
        x = self.stage1(self.pool(x))  # [N, 4w, 80, 8, 8]
        x = self.stage2(x)  # [N, 8w, 40, 4, 4]
        x = self.stage3(x)  # [N, 16w, 20, 2, 2]
        x = self.stage4(x)  # [N, 32w, 20, 2, 2]
        sections = x.mean(dim=(3, 4))  # [N, 32w, 20]
        cam = self.classifier(sections)  # [N, class, 20]
        rank = self.ranker(sections)  # [N, 1, 20]
        return QualityOutput(masked_mean(cam, valid), masked_mean(rank, valid), cam)


def masked_mean(values: Tensor, valid: Tensor) -> Tensor:
    """Mean of ``values [N, C, section]`` over the ``valid [N, section]`` sections, of which there is at least one."""
    mask = valid.to(values.dtype).unsqueeze(1)  # [N, 1, section]
    return (values * mask).sum(dim=2) / mask.sum(dim=2)  # [N, C]


def valid_sections(length: Tensor) -> Tensor:
    """The sections that a vessel of ``length`` mm ``[N, 1]`` fills at least half: bool ``[N, section]``.

    The first section is always valid, so that a mean over the valid sections exists.
    """
    centres = (torch.arange(SECTIONS, device=length.device, dtype=length.dtype) + 0.5) * SECTION_MM
    reach = torch.clamp(length, min=0.5 * SECTION_MM)  # [N, 1]
    return centres.unsqueeze(0) <= reach  # [N, section]
