"""The Hounsfield window applied before every network."""

from __future__ import annotations

from torch import Tensor

from scanserve.contracts.ccta import HU_HIGH, HU_LOW

__all__ = ["window"]


def window(hu: Tensor) -> Tensor:
    """Map HU of any float type and shape to -1..1: linear from ``HU_LOW`` to ``HU_HIGH``, clipped."""
    scale = 2.0 / (HU_HIGH - HU_LOW)
    return (hu.clamp(HU_LOW, HU_HIGH) - HU_LOW) * scale - 1.0
