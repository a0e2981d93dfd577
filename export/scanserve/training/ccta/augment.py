"""Random variation of straightened vessels: noise, contrast and sharpness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.contracts.ccta import CROSS_PIXEL_MM, HU_HIGH, HU_LOW, STEP_MM
from scanserve.contracts.ct import AIR_HU

__all__ = ["fine_noise", "soften", "turned", "vary_hu", "window"]

Float = npt.NDArray[np.float32]


def window(hu: npt.NDArray) -> Float:
    """Map Hounsfield units to -1..1 as the served graphs do."""
    scaled = (np.asarray(hu, dtype=np.float32) - HU_LOW) / (HU_HIGH - HU_LOW) * 2 - 1
    return np.clip(scaled, -1, 1)


def fine_noise(shape: tuple[int, ...], rng: np.random.Generator) -> Float:
    """Noise of a standard deviation of 1 HU, correlated over up to 0.8 pixels."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    width = float(rng.uniform(0.0, 0.8))
    if width > 0.2:
        noise = ndimage.gaussian_filter(noise, width)
        noise /= noise.std() + 1e-6
    return noise


def vary_hu(hu: npt.NDArray, rng: np.random.Generator) -> Float:
    """Change gain and offset slightly."""
    gain, offset = rng.uniform(0.92, 1.08), rng.uniform(-15, 15)
    return np.asarray(hu, dtype=np.float32) * np.float32(gain) + np.float32(offset)


def turned(image: npt.NDArray, rows: int, columns: int, swap: int) -> npt.NDArray:
    """A vessel [step, row, column] with rows, with columns mirrored (1), with both exchanged (1), or not (0)."""
    mirrored = image[:, :: -1 if rows else 1, :: -1 if columns else 1]
    return mirrored.swapaxes(1, 2) if swap else mirrored


def soften(hu: npt.NDArray, sigma_mm: float) -> npt.NDArray:
    """Blur a straightened vessel as a softer kernel or larger voxels would.

    Args:
        hu: [step, row, column] HU; steps beyond the end of the vessel, all air, do not change.
        sigma_mm: standard deviation of the additional blur.
    """
    filled = int((hu.reshape(len(hu), -1) > AIR_HU).any(1).sum())
    if sigma_mm <= 0 or not filled:
        return hu
    voxel_mm = np.array([STEP_MM, CROSS_PIXEL_MM, CROSS_PIXEL_MM])
    result = np.array(hu, dtype=np.float32)
    result[:filled] = ndimage.gaussian_filter(result[:filled], sigma_mm / voxel_mm)
    return result
