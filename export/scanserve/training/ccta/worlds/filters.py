"""Gaussian filters on the device of an image."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["gaussian", "stretched"]

#: Filters end at this many standard deviations.
TRUNCATE = 2.5


def gaussian(image: Tensor, sigma: Sequence[float]) -> Tensor:
    """``image`` [z, y, x] filtered with standard deviations (voxels) along z, y and x; the border is repeated."""
    for axis, width in enumerate(sigma):
        image = _along(image, axis, float(width))
    return image


def stretched(knots: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A lattice [k, k, k] of values on a grid of ``shape``, linearly interpolated from corner to corner."""
    return F.interpolate(knots[None, None], size=shape, mode="trilinear", align_corners=True)[0, 0]


def _along(image: Tensor, axis: int, width: float) -> Tensor:
    """One axis, as a weighted sum of shifted images."""
    reach = int(TRUNCATE * width + 0.5)
    if not reach:
        return image
    taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / width) ** 2)
    padding = [0, 0] * (2 - axis) + [reach, reach] + [0, 0] * axis
    padded = F.pad(image[None, None], padding, mode="replicate")[0, 0]
    size, total = image.shape[axis], torch.zeros_like(image)
    for start, tap in enumerate((taps / taps.sum()).tolist()):
        total.add_(padded.narrow(axis, start, size), alpha=tap)
    return total
