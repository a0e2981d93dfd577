"""Architecture and hyper-parameters of the network of every model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import nn

from scanserve.networks.dat.attentionunet import attention_unet
from scanserve.networks.dat.r2unet import R2UNet
from scanserve.networks.dat.transunet import TransUNet
from scanserve.networks.dat.unet import UNet
from scanserve.networks.dat.unetpp import UNetPlusPlus
from scanserve.networks.dat.vnet import VNet

__all__ = ["CONFIGS", "build"]

_ARCHITECTURES: dict[str, Callable[..., nn.Module]] = {
    "dat_unet1": UNet,
    "dat_unet2": UNet,
    "dat_unet3": UNet,
    "dat_denoise": UNet,
    "dat_unet5": UNet,
    "dat_vnet": VNet,
    "dat_unetpp": UNetPlusPlus,
    "dat_r2unet": R2UNet,
    "dat_attention_unet": attention_unet,
    "dat_transunet": TransUNet,
}

#: The shipped sizes: every architecture stays below 8 MB in FP32.
CONFIGS: dict[str, dict[str, int]] = {
    "dat_unet1": {"width": 16, "levels": 1},
    "dat_unet2": {"width": 16, "levels": 2},
    "dat_unet3": {"width": 16, "levels": 3},
    "dat_denoise": {"width": 16, "levels": 4},
    "dat_unet5": {"width": 16, "levels": 5},
    "dat_vnet": {"width": 12},
    "dat_unetpp": {"width": 16, "levels": 4},
    "dat_r2unet": {"width": 16, "levels": 4},
    "dat_attention_unet": {"width": 16, "levels": 4},
    "dat_transunet": {"width": 16, "layers": 4},
}


def build(model: str, config: Mapping[str, int]) -> nn.Module:
    """The network of ``model`` with the hyper-parameters ``config``; raises ``KeyError``."""
    return _ARCHITECTURES[model](**config)
