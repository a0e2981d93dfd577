"""The Hounsfield window in front of every network."""

from __future__ import annotations

from scanserve.contracts.ccta import HU_HIGH, HU_LOW
from torch import Tensor

__all__ = ["window"]


def window(hu: Tensor) -> Tensor:
    """HU of any float type and shape to -1..1: linear from ``HU_LOW`` to ``HU_HIGH``, clipped."""
    scale = 2.0 / (HU_HIGH - HU_LOW)
    return (hu.clamp(HU_LOW, HU_HIGH) - HU_LOW) * scale - 1.0
