"""Joint variation of corresponding slices: mirrored left to right, shifted by a few pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["SHIFT", "vary"]

#: Largest shift along rows and columns, in pixels: the variation in patient position.
SHIFT = 4


def vary(images: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Vary all ``images [..., row, column]`` in the same way; pixels that enter at a border are mirrored."""
    sides = [(0, 0)] * (images.ndim - 2) + [(SHIFT, SHIFT)] * 2
    row, column = rng.integers(0, 2 * SHIFT + 1, 2)
    rows, columns = images.shape[-2:]
    shifted = np.pad(images, sides, mode="reflect")[..., row : row + rows, column : column + columns]
    return shifted[..., ::-1] if rng.random() < 0.5 else shifted
