"""The frame of a world: the working grid around its own middle, in millimetres (z, y, x)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM

__all__ = ["HALF_MM", "MIDDLE", "axes_mm", "noise", "places_mm", "to_index"]

#: Index of the middle of the working grid, and its distance in mm from the outermost voxel centres, along each axis.
MIDDLE = (np.array(WORKING_SHAPE) - 1) / 2
HALF_MM = MIDDLE * WORKING_SPACING_MM


def axes_mm(device: torch.device) -> list[Tensor]:
    """The coordinates (mm) of the voxel centres along z, y and x."""
    return [
        ((torch.arange(size, device=device) - middle) * WORKING_SPACING_MM).float()
        for size, middle in zip(WORKING_SHAPE, MIDDLE, strict=True)
    ]


def places_mm(flat: Tensor) -> Tensor:
    """The places (V, 3) mm of the voxels with the flat indices ``flat`` (V,)."""
    index = torch.stack(torch.unravel_index(flat, WORKING_SHAPE), dim=1)
    return ((index - torch.from_numpy(MIDDLE).to(flat.device)) * WORKING_SPACING_MM).float()


def to_index(points: npt.NDArray) -> npt.NDArray[np.float64]:
    """Places (N, 3) mm as indices of the working grid."""
    return points / WORKING_SPACING_MM + MIDDLE


def noise(shape: tuple[int, ...], rng: np.random.Generator, device: torch.device) -> Tensor:
    """White noise of unit variance; the same ``rng`` gives the same noise on the same kind of device."""
    generator = torch.Generator(device).manual_seed(int(rng.integers(2**62)))
    return torch.randn(shape, generator=generator, device=device)
