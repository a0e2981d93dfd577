"""The random scan of a world: kernel, noise and gain, and a field of view cut anywhere."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from scanserve.contracts.ccta import WORKING_SHAPE
from scanserve.training.ccta.worlds.filters import gaussian
from scanserve.training.ccta.worlds.frame import noise

__all__ = ["cut", "scanned"]

#: Standard deviation of the kernel in voxels, how much longer it is along z, and the width that is worth a filter.
KERNEL, ALONG_Z, WORTH = (0.2, 1.2), (0.8, 1.5), 0.3
#: Standard deviation of the noise (HU, drawn evenly in its logarithm) and its correlation length in voxels.
NOISE_HU, GRAIN = (4.0, 50.0), (0.0, 1.2)
GAIN = (0.95, 1.05)
#: Most voxels cut at a face of the field of view, and the share of faces that are cut.
CUT_VOXELS, CUT_FACES = 45, 0.5


def scanned(hu: Tensor, rng: np.random.Generator) -> Tensor:
    """``hu`` blurred, scaled and with noise of any colour."""
    width = rng.uniform(*KERNEL)
    if width > WORTH:
        hu = gaussian(hu, (width * rng.uniform(*ALONG_Z), width, width))
    grainy = noise(tuple(hu.shape), rng, hu.device)
    grain = rng.uniform(*GRAIN)
    if grain > WORTH:
        grainy = gaussian(grainy, (grain,) * 3)
        grainy /= grainy.std()
    strength = float(np.exp(rng.uniform(*np.log(NOISE_HU))))
    return hu * float(rng.uniform(*GAIN)) + grainy * strength


def cut(rng: np.random.Generator, device: torch.device) -> Tensor:
    """The voxels [z, y, x] inside a field of view that ends early at some of its faces."""
    low, high = (rng.integers(0, CUT_VOXELS, 3) * (rng.random(3) < CUT_FACES) for _ in range(2))
    inside = torch.zeros(WORKING_SHAPE, dtype=torch.bool, device=device)
    inside[tuple(slice(int(a), n - int(b)) for a, b, n in zip(low, high, WORKING_SHAPE, strict=True))] = True
    return inside
