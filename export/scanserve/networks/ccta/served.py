"""Wrappers that give trained networks exactly the tensors of their contracts."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.networks.ccta.resnet_quality import ResNet50Quality, valid_sections
from scanserve.networks.ccta.resunet import ResUNet50
from scanserve.networks.ccta.windowing import window

__all__ = ["ServedQuality", "ServedStage1", "ServedStage2", "served"]

#: The score of a section beyond the end of the vessel.
BEYOND_END = -1.0


class ServedStage1(nn.Module):
    """``coarse`` to ``coarse_maps`` (0..1)."""

    def __init__(self, network: ResUNet50) -> None:
        super().__init__()
        self.network = network

    def forward(self, coarse: Tensor) -> Tensor:
        """``[1, 1, 96, 96, 96]`` to ``[1, 3, 96, 96, 96]``."""
        return torch.sigmoid(self.network(coarse))


class ServedStage2(nn.Module):
    """``crops`` to ``heatmaps`` (0..255)."""

    def __init__(self, network: ResUNet50) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> Tensor:
        """``[3, 2, 128, 128, 128]`` to UINT8 ``[3, 128, 128, 128]``."""
        probability = torch.sigmoid(self.network(crops)).squeeze(1)
        return torch.floor(probability * 255.0 + 0.5).to(torch.uint8)


class ServedQuality(nn.Module):
    """``straightened`` and ``length`` to every output of the contract ``ccta_quality``, in its order."""

    class_weights: Tensor

    def __init__(self, network: ResNet50Quality) -> None:
        super().__init__()
        self.network = network
        weights = torch.tensor([grade.weight for grade in QUALITY_CLASSES])
        self.register_buffer("class_weights", weights, persistent=False)  # [class]

    def forward(self, straightened: Tensor, length: Tensor) -> tuple[Tensor, ...]:
        """int16 HU ``[N, 320, 32, 32]`` and mm ``[N, 1]`` to the six outputs."""
        image = window(straightened.to(torch.float32)).unsqueeze(1)  # [N, 1, 320, 32, 32]
        valid = valid_sections(length)  # [N, 20]
        logits, ranking, cam = self.network(image, valid)
        probabilities = torch.softmax(logits, dim=1)  # [N, class]
        quality = torch.matmul(probabilities, self.class_weights.unsqueeze(1))  # [N, 1]
        section_class = cam.argmax(dim=1).to(torch.int32)  # [N, 20]
        section_class = torch.where(valid, section_class, torch.full_like(section_class, int(BEYOND_END)))
        section_quality = torch.matmul(self.class_weights, torch.softmax(cam, dim=1))  # [N, 20]
        section_quality = torch.where(valid, section_quality, torch.full_like(section_quality, BEYOND_END))
        return probabilities, quality, ranking, cam, section_class, section_quality


def served(network: nn.Module, model: str) -> nn.Module:
    """``network`` wrapped for the contract of ``model``; raises ``KeyError`` for a model that is not a network."""
    wrappers = {"ccta_stage1": ServedStage1, "ccta_stage2": ServedStage2, "ccta_quality": ServedQuality}
    return wrappers[model](network)
