"""The networks of DaTSCAN denoising: ten 2-D architectures with the same tensors."""

from scanserve.networks.dat.attentionunet import attention_unet
from scanserve.networks.dat.catalogue import CONFIGS, build
from scanserve.networks.dat.r2unet import R2UNet
from scanserve.networks.dat.served import ServedDenoise, restore
from scanserve.networks.dat.transunet import TransUNet
from scanserve.networks.dat.unet import UNet
from scanserve.networks.dat.unetpp import UNetPlusPlus
from scanserve.networks.dat.vnet import VNet

__all__ = [
    "CONFIGS",
    "R2UNet",
    "ServedDenoise",
    "TransUNet",
    "UNet",
    "UNetPlusPlus",
    "VNet",
    "attention_unet",
    "build",
    "restore",
]
