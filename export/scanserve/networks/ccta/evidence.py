"""The two channels of stage 1: the mean of each block of the working grid, and its evidence of a thin bright structure.

A vessel of 2.5 mm nearly vanishes in means over 1.8 mm.  Its evidence is the white top-hat at full resolution: what is
brighter than the morphological opening (erosion, then dilation) of the image.  An opening with a cube removes what the
cube does not fit into, so chambers and bones leave no evidence inside, but vessels do (Soille, Morphological Image
Analysis, 2nd ed. 2003, section 4.5).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from scanserve.contracts.ccta import (
    COARSE_BLOCK,
    EVIDENCE_HIGH,
    EVIDENCE_HU,
    EVIDENCE_OPENING,
    HU_HIGH,
    HU_LOW,
)
from scanserve.networks.ccta.windowing import window

__all__ = ["coarse_channels", "top_hat"]


def coarse_channels(hu: Tensor) -> Tensor:
    """Float HU ``[z, y, x]`` on the working grid to ``[2, z/2, y/2, x/2]``: the windowed mean, the evidence."""
    mean = F.avg_pool3d(hu[None, None], COARSE_BLOCK)  # [1, 1, z/2, y/2, x/2]
    evidence = F.max_pool3d(top_hat(hu)[None, None], COARSE_BLOCK) / EVIDENCE_HU
    return torch.cat((window(mean), evidence.clamp(max=EVIDENCE_HIGH)), dim=1)[0]


def top_hat(hu: Tensor) -> Tensor:
    """Float HU ``[z, y, x]``, clipped to the window, minus their opening; never negative."""
    clipped = hu.clamp(HU_LOW, HU_HIGH)
    opened = _highest(-_highest(-clipped))
    return clipped - opened


def _highest(image: Tensor) -> Tensor:
    """The highest value in the cube around each voxel, one axis after the other; outside does not count."""
    reach = EVIDENCE_OPENING // 2
    result = image[None, None]
    for axis in range(3):
        size = [EVIDENCE_OPENING if a == axis else 1 for a in range(3)]
        padding = [reach if a == axis else 0 for a in range(3)]
        result = F.max_pool3d(result, size, stride=1, padding=padding)
    return result[0, 0]
