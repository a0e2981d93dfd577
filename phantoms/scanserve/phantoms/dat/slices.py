"""Slices for training and comparison: those that the application selects from a study."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.dat.scan import Scan
from scanserve.preprocessing.dat import select_slices

__all__ = ["make_slices"]


def make_slices(seed: int) -> dict[str, npt.NDArray[np.float32]]:
    """The five central slices of one patient, (5, 64, 64) each, all on one scale.

    Returns:
        ``noisy`` (5 minutes, 0..1), ``reference`` (25 minutes) and ``expected`` (noise-free): counts per minute
        divided by the highest rate in the whole noisy slice, so that the three can be subtracted.
    """
    scan = Scan.sample(seed)
    selection = select_slices(scan.short)
    volumes = {"noisy": scan.short, "reference": scan.reference, "expected": scan.expected}
    return {name: selection.cut(volume) for name, volume in volumes.items()}
