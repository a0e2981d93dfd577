"""Similarity of two images: PSNR and SSIM, slice by slice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

__all__ = ["DATA_RANGE", "psnr", "ssim"]

#: The range of values: slices are divided by their maximum count in the short acquisition.
DATA_RANGE = 1.0

Slices = npt.NDArray[np.floating]


def psnr(reference: Slices, image: Slices) -> float:
    """Mean over slices (N, row, column) of 10 log10(range^2 / mean squared error) in dB; infinite for equal images."""
    pairs = zip(reference, image, strict=True)
    with np.errstate(divide="ignore"):
        values = [peak_signal_noise_ratio(*pair, data_range=DATA_RANGE) for pair in pairs]
    return float(np.mean(values))


def ssim(reference: Slices, image: Slices) -> float:
    """Mean structural similarity over slices (N, row, column), with the original Gaussian window.

    Wang et al., IEEE Transactions on Image Processing 13 (2004) 600-612: sigma 1.5 pixels, population covariance.
    """
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    pairs = zip(reference, image, strict=True)
    return float(np.mean([structural_similarity(*pair, data_range=DATA_RANGE, **window) for pair in pairs]))
