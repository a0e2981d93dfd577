"""Correlated CT noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from scanserve.contracts import InputError

__all__ = ["add_noise"]

#: Arrays with more voxels than this are tiled with a randomly rolled block of noise.
TILE_ABOVE = 1 << 22
BLOCK = (64, 128, 128)


def add_noise(
    hu: npt.NDArray[np.float32],
    rng: np.random.Generator,
    sigma_hu: float = 24.0,
    correlation: float = 0.8,
) -> npt.NDArray[np.float32]:
    """``hu`` plus zero-mean Gaussian noise of standard deviation ``sigma_hu``.

    ``correlation`` is the standard deviation in voxels of the smoothing that correlates neighbours (0 for
    white noise).  For speed, arrays of more than 4 million voxels are tiled with randomly rolled copies of a block
    of 64 x 128 x 128: the distribution of single voxels is right, but tiles are not independent.

    Raises:
        InputError: code ``noise-invalid``.
    """
    if sigma_hu < 0 or correlation < 0:
        raise InputError(
            "noise-invalid", f"sigma_hu and correlation must be >= 0 but are {sigma_hu}, {correlation}."
        )
    if hu.size <= TILE_ABOVE or hu.ndim != 3:
        return hu + _block(hu.shape, rng, sigma_hu, correlation)
    block = _block(BLOCK, rng, sigma_hu, correlation)
    out = hu.copy()
    for start in np.ndindex(*(-(-n // b) for n, b in zip(hu.shape, BLOCK, strict=True))):
        cut = tuple(slice(i * b, (i + 1) * b) for i, b in zip(start, BLOCK, strict=True))
        part = out[cut]
        rolled = np.roll(block, tuple(rng.integers(0, BLOCK)), axis=(0, 1, 2))
        part += rolled[tuple(slice(n) for n in part.shape)]
    return out


def _block(
    shape: tuple[int, ...], rng: np.random.Generator, sigma_hu: float, correlation: float
) -> npt.NDArray[np.float32]:
    noise = rng.standard_normal(shape, dtype=np.float32)
    if correlation:
        noise = gaussian_filter(noise, correlation, mode="wrap")
        noise /= max(float(noise.std()), 1e-6)
    return noise * np.float32(sigma_hu)
