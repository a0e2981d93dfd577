"""The tilt of every vertebra of a patient: C, S and triple curves of the spine.

Between two end vertebrae the tilt changes from one extreme to the opposite one; the Cobb angle is the difference.
Tilts are degrees, clockwise as seen in the image, by level from 0 (T1) to 16 (L5).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

__all__ = ["in_order", "sample_tilts"]

Float = npt.NDArray[np.float64]

#: Curves of a spine -> share of patients.
_CURVES = {1: 0.35, 2: 0.45, 3: 0.2}
#: Where the end vertebrae lie on average, by number of curves: levels.
_ENDS = {1: ((3.0, 13.0), (5.0, 11.5), (9.5, 15.0)), 2: ((4.0, 10.5, 15.0),), 3: ((1.5, 5.5, 10.5, 15.0),)}
#: Share of patients whose thoracic curve points to the right, which is the image's left.
_RIGHT = 0.8
#: Standard deviation of the tilt of one level, and of the whole patient, degrees.
_LEVEL_DEG, _LEAN_DEG = 1.2, 1.5


def sample_tilts(rng: np.random.Generator, greatest_deg: float) -> Float:
    """Tilts (17,) of a random spine whose greatest Cobb angle is at most about ``greatest_deg``."""
    count = int(rng.choice(list(_CURVES), p=list(_CURVES.values())))
    places = _ENDS[count]
    ends = in_order(np.array(places[rng.integers(len(places))]) + rng.normal(0, 0.8, count + 1))
    major = greatest_deg * rng.beta(1.5, 2.2)
    cobbs = major * np.where(np.arange(count) == rng.integers(count), 1.0, rng.uniform(0.3, 0.95, count))
    tilts = _alternating(cobbs, 1.0 if rng.random() < _RIGHT else -1.0)
    levels = np.concatenate([[min(-3.0, ends[0] - 3)], ends, [max(19.0, ends[-1] + 3)]])
    knots = np.concatenate([[0.3 * tilts[0]], tilts, [0.3 * tilts[-1]]])
    smooth = PchipInterpolator(levels, knots)(np.arange(17))
    return smooth + rng.normal(0, _LEAN_DEG) + rng.normal(0, _LEVEL_DEG, 17)


def in_order(ends: Float) -> Float:
    """Levels of end vertebrae, each at least one below that before it."""
    steps = np.arange(len(ends))
    return np.maximum.accumulate(ends - steps) + steps


def _alternating(cobbs: Float, sign: float) -> Float:
    """Extremes of alternating sign whose differences are at most ``cobbs``, with the first one positive by ``sign``."""
    half = cobbs / 2
    sizes = np.concatenate(
        [half[:1], np.maximum(half[:-1], half[1:]) * 0.5 + np.minimum(half[:-1], half[1:]) * 0.5]
    )
    sizes = np.concatenate([sizes, half[-1:]])
    signs = sign * np.where(np.arange(len(sizes)) % 2 == 0, 1.0, -1.0)
    return sizes * signs
