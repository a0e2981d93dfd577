"""The random scan of a world: kernel, noise and gain, and a field of view cut anywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.contracts.ccta import WORKING_SHAPE

__all__ = ["cut", "scanned"]

#: Standard deviation of the kernel in voxels, how much longer it is along z, and the width that is worth a filter.
KERNEL, ALONG_Z, WORTH = (0.2, 0.8), (0.8, 1.6), 0.3
#: Standard deviation of the noise (HU, drawn evenly in its logarithm) and its correlation length in voxels.
NOISE_HU, GRAIN = (4.0, 50.0), (0.0, 1.2)
GAIN = (0.95, 1.05)
#: Filters end at this many standard deviations.
TRUNCATE = 2.5
#: Most voxels cut at a face of the field of view, and the share of faces that are cut.
CUT_VOXELS, CUT_FACES = 45, 0.5


def scanned(hu: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """``hu`` blurred, scaled and with noise of any colour."""
    width = rng.uniform(*KERNEL)
    if width > WORTH:
        hu = ndimage.gaussian_filter(hu, width * np.array([rng.uniform(*ALONG_Z), 1, 1]), truncate=TRUNCATE)
    noise = rng.standard_normal(hu.shape, dtype=np.float32)
    grain = rng.uniform(*GRAIN)
    if grain > WORTH:
        noise = ndimage.gaussian_filter(noise, grain, truncate=TRUNCATE)
        noise /= noise.std()
    strength = np.float32(np.exp(rng.uniform(*np.log(NOISE_HU))))
    return hu * np.float32(rng.uniform(*GAIN)) + noise * strength


def cut(rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """The voxels [z, y, x] inside a field of view that ends early at some of its faces."""
    low, high = (rng.integers(0, CUT_VOXELS, 3) * (rng.random(3) < CUT_FACES) for _ in range(2))
    inside = np.zeros(WORKING_SHAPE, bool)
    inside[tuple(slice(a, size - b) for a, b, size in zip(low, high, WORKING_SHAPE, strict=True))] = True
    return inside
