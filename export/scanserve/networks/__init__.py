"""The network architectures and the fixed-arithmetic graphs, as torch modules (extra ``export``)."""

from scanserve.networks.crop import Crop
from scanserve.networks.normalize import Normalize
from scanserve.networks.resnet_quality import (
    QualityConfig,
    QualityOutput,
    ResNet50Quality,
    masked_mean,
    valid_sections,
)
from scanserve.networks.resunet import ResUNet50, ResUNetConfig
from scanserve.networks.served import ServedQuality, ServedStage1, ServedStage2
from scanserve.networks.windowing import window

__all__ = [
    "Crop",
    "Normalize",
    "QualityConfig",
    "QualityOutput",
    "ResNet50Quality",
    "ResUNet50",
    "ResUNetConfig",
    "ServedQuality",
    "ServedStage1",
    "ServedStage2",
    "masked_mean",
    "valid_sections",
    "window",
]
