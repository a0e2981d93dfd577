"""Networks and fixed graphs of coronary CT angiography as torch modules (extra ``export``)."""

from scanserve.networks.ccta.crop import Crop
from scanserve.networks.ccta.normalize import Normalize
from scanserve.networks.ccta.resnet_quality import (
    QualityConfig,
    QualityOutput,
    ResNet50Quality,
    masked_mean,
    valid_sections,
)
from scanserve.networks.ccta.resunet import ResUNet50, ResUNetConfig
from scanserve.networks.ccta.served import ServedQuality, ServedStage1, ServedStage2
from scanserve.networks.ccta.windowing import window

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
