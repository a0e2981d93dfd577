"""The networks of vertebra keypoints: U-Net IKEM and HRNet+OCR IKEM, and the graph that prepares their image."""

from scanserve.networks.spine.catalogue import CONFIGS, build
from scanserve.networks.spine.hrnet import HRNetConfig, HRNetIkem
from scanserve.networks.spine.points import decode, draw
from scanserve.networks.spine.prepare import Prepare
from scanserve.networks.spine.served import ServedSpine, read
from scanserve.networks.spine.unet import UNetConfig, UNetIkem

__all__ = [
    "CONFIGS",
    "HRNetConfig",
    "HRNetIkem",
    "Prepare",
    "ServedSpine",
    "UNetConfig",
    "UNetIkem",
    "build",
    "decode",
    "draw",
    "read",
]
