"""The published table, shown beside ours: other patients, other networks, other noise.

The publication is not recorded in this repository; its citation belongs here before the figures are quoted anywhere
else.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PUBLISHED", "Published"]


@dataclass(frozen=True)
class Published:
    """One published row: 5 minutes against 25, clinical studies of one hospital."""

    method: str
    psnr: float
    ssim: float


#: Published rows, by the name of our closest method.
PUBLISHED = (
    Published("unprocessed", 30.84, 0.708),
    Published("gaussian", 30.98, 0.747),
    Published("bilateral", 31.08, 0.773),
    Published("dat_denoise", 32.68, 0.842),
)
