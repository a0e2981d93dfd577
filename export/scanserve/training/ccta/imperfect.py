"""A true main path as an analysis would follow it, and values along it per step and per section.

Symbols: N points of a path, K of them kept, F filled steps, S sections.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.contracts.ccta import SECTION_MM, SECTIONS, STEP_MM
from scanserve.geometry import arc_length

__all__ = ["along", "by_section", "imperfect"]

#: Spread (mm) and smoothness (points of 0.5 mm) of the deviation that imitates an imperfect centerline.
WANDER_MM, WANDER_POINTS = 0.3, 12


def imperfect(path: npt.NDArray, keep: float, rng: np.random.Generator) -> tuple[npt.NDArray, npt.NDArray]:
    """Shorten a path (N, 3), points 0.5 mm apart, at both ends and let it deviate smoothly.

    Args:
        path: mm.
        keep: about the part of it that stays, 0 to 1.
        rng: draws what is cut and how it deviates.

    Returns:
        The points (K, 3) mm and their original indices (K,).
    """
    start = int(rng.integers(0, 5))
    index = np.arange(len(path))[start : max(start + 40, int(len(path) * keep * rng.uniform(0.93, 1.0)))]
    wander = ndimage.gaussian_filter1d(rng.standard_normal((len(path), 3)), WANDER_POINTS, axis=0)[index]
    return path[index] + wander / (wander.std() + 1e-9) * WANDER_MM * rng.uniform(0.3, 1.6), index


def along(path: npt.NDArray, values: npt.NDArray, filled: int) -> npt.NDArray:
    """The values (N,) at the points of a path, interpolated at F equal steps; steps of slabs lengthen a path."""
    return np.interp(np.arange(filled) * STEP_MM, arc_length(path), values)


def by_section(profile: npt.NDArray, filled: int) -> npt.NDArray[np.float32]:
    """Mean of a profile (per step) in each section (S,); NaN if the section is less than half filled."""
    per_section = round(SECTION_MM / STEP_MM)
    result = np.full(SECTIONS, np.nan, np.float32)
    for section in range(SECTIONS):
        values = profile[section * per_section : min((section + 1) * per_section, filled)]
        if len(values) >= per_section // 2:
            result[section] = values.mean()
    return result
