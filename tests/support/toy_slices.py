"""Patients made in no time, in place of the phantom's."""

from __future__ import annotations

import numpy as np

__all__ = ["make_slices"]


def make_slices(seed: int) -> dict[str, np.ndarray]:
    """A bright disc of a size of its own, and noise on it; each slice's noisy maximum is 1."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:64, :64] - 31.5
    expected = 0.1 + 0.5 * (np.hypot(y, x)[None] < rng.uniform(8, 20, (5, 1, 1)))
    noisy = np.clip(expected + 0.1 * rng.standard_normal((5, 64, 64)), 0, None)
    reference = np.clip(expected + 0.04 * rng.standard_normal((5, 64, 64)), 0, None)
    scale = noisy.max(axis=(1, 2), keepdims=True)
    images = {"noisy": noisy, "reference": reference, "expected": expected}
    return {name: (image / scale).astype(np.float32) for name, image in images.items()}
