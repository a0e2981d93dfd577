"""Architecture and hyper-parameters of the network of every model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import nn

from scanserve.networks.spine.hrnet import HRNetConfig, HRNetIkem
from scanserve.networks.spine.unet import UNetConfig, UNetIkem

__all__ = ["CONFIGS", "build"]


def _unet(**config: int) -> nn.Module:
    return UNetIkem(UNetConfig(**config))


def _hrnet(**config: int) -> nn.Module:
    return HRNetIkem(HRNetConfig(**config))


_ARCHITECTURES: dict[str, Callable[..., nn.Module]] = {"spine_unet": _unet, "spine_hrnet": _hrnet}

#: The shipped sizes: a click is answered in a tenth of a second on two cores.
CONFIGS: dict[str, dict[str, int]] = {
    "spine_unet": {"width": 24, "gate": 1},
    "spine_hrnet": {"width": 16, "gate": 1},
}


def build(model: str, config: Mapping[str, int]) -> nn.Module:
    """The network of ``model`` with the hyper-parameters ``config``; raises ``KeyError``."""
    return _ARCHITECTURES[model](**config)
