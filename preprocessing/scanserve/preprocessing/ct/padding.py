"""Pixels outside the image: stored values that the header names as padding, which become air.

Where the named value could as well be tissue (0 in signed Hounsfield units, say, which is water), only those of its
pixels are padding that are connected with a corner of the image: reconstructions are round and stand in a square.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import label

from scanserve.contracts.ct import MAX_HU
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.dicom import Pixels

__all__ = ["is_doubtful", "padded"]

#: Nothing in a patient is thinner than air, HU.
THIN_HU = -1000


def is_doubtful(image: Slice) -> bool:
    """Whether a value that is named as padding could be tissue."""
    if image.padding is None:
        return False
    low, high = (value * image.slope + image.intercept for value in image.padding)
    return low < MAX_HU and high > THIN_HU


def padded(image: Slice, words: Pixels, values: Pixels) -> npt.NDArray[np.bool_] | None:
    """Which pixels ``[row, column]`` are padding; ``None`` where the header names none.

    Args:
        image: with a known rescale.
        words: pixels as they are stored, all bits of them: files write a padding value that is longer than the
            stored bits, -2000 in 16 bits beside values of 12.
        values: what the stored bits of ``words`` hold.
    """
    if image.padding is None:
        return None
    found = _within(values, image.padding)
    if image.frame.pixel_format.shift == 0 and words is not values:
        found |= _within(words, image.padding)
    return _at_corners(found) if is_doubtful(image) else found


def _within(pixels: Pixels, ends: tuple[int, int]) -> npt.NDArray[np.bool_]:
    low, high = ends
    return (pixels == low) if low == high else (pixels >= low) & (pixels <= high)


def _at_corners(found: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The parts of ``found`` that reach a corner."""
    parts, _ = label(found)
    corners = set(parts[[0, 0, -1, -1], [0, -1, 0, -1]].tolist()) - {0}
    return np.isin(parts, list(corners))
