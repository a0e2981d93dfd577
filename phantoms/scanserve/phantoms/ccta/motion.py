"""The timing and amplitude of each vessel's motion in a heart beat.

A phase is a percentage of the R-R interval; everything here has the period 100.  A *curve* is a
dimensionless displacement, 0 at 0 % and about 1 at end systole: it rises in systole, falls in early
diastole, and falls back to 0 when the atria contract.  Its two flat parts, end systole and
diastasis, are the rest phases of the vessel; they differ between vessels and hearts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from scanserve.phantoms.ccta.ranges import PLAIN, Motion, draw

__all__ = ["PERIOD", "Curve", "Step", "sample_curve", "sub_times", "travelled_mm"]

PERIOD = 100.0
_TURNS = np.arange(-2, 3) * PERIOD


@dataclass(frozen=True)
class Step:
    """A smooth step of total ``gain``, centred at ``centre`` %, with standard width ``width`` %."""

    centre: float
    width: float
    gain: float

    def __call__(self, percent: npt.NDArray) -> npt.NDArray:
        """Sum of this step over all beats; only sums of steps with total gain 0 are periodic."""
        turns = (np.asarray(percent, float)[..., None] - self.centre - _TURNS) / (self.width * np.sqrt(2))
        return self.gain * (erf(turns).sum(-1)) / 2


@dataclass(frozen=True)
class Curve:
    """A periodic displacement, the sum of steps whose gains cancel; 0 at 0 %."""

    steps: tuple[Step, ...]

    def __call__(self, percent: npt.ArrayLike) -> npt.NDArray:
        """Displacement (dimensionless, same shape as ``percent``)."""
        wrapped = np.mod(np.asarray(percent, float), PERIOD)
        zero = sum(step(np.zeros(())) for step in self.steps)
        return np.sum([step(wrapped) for step in self.steps], axis=0) - zero


def sample_curve(rng: np.random.Generator, delay: float = 0.0, motion: Motion = PLAIN.motion) -> Curve:
    """A random curve; ``delay`` (percent) shifts early diastole and the atrial kick."""
    share, spread = draw(rng, motion.filling_share), motion.centre_spread
    systole = Step(rng.normal(14, 1.5 * spread), draw(rng, motion.systole_width), 1.0)
    filling = Step(rng.normal(54, 2.5 * spread) + delay, draw(rng, motion.filling_width), -share)
    kick = Step(rng.normal(90.5, 1.5 * spread) + 0.4 * delay, draw(rng, motion.kick_width), share - 1)
    return Curve((systole, filling, kick))


def sub_times(percent: float, window: float, count: int) -> npt.NDArray:
    """Midpoints of ``count`` equal parts of the acquisition window (percent of R-R) around ``percent``."""
    return percent + window * ((np.arange(count) + 0.5) / count - 0.5)


def travelled_mm(positions: npt.NDArray) -> npt.NDArray:
    """Distance (N,) mm that each point travels through ``positions`` (time, N, 3) mm."""
    return np.linalg.norm(np.diff(positions, axis=0), axis=-1).sum(0)
