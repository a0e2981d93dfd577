"""Partial-angle weighting: the moment at which each edge of a moving vessel is seen.

A gated image is made from half a turn of the gantry, so the acquisition window is also a range of angles.
An edge is recorded mainly by the rays along it.  Walls in different directions are thus seen at different moments,
which gives a moving vessel its doubled walls, tails and dark sides.  Here the weight of a moment is
``1 + strength cos(2 (angle of the edge's normal - angle across the rays))``; above a strength of 1 it can be
negative, like the filtered projections.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.motion import PERIOD

__all__ = ["Gantry", "share"]

Floats = npt.NDArray[np.float32]
#: Within this distance of the axis a direction is unreliable, mm.
AXIS_MM = 0.5


@dataclass(frozen=True)
class Gantry:
    """The gantry: angle ``start`` at 0 % (radians), ``turns`` per beat, and strength of the directional weighting."""

    start: float
    turns: float
    strength: float

    def angles(self, times: npt.NDArray, percent: float, window: float) -> npt.NDArray:
        """The angle (T,) of the rays in radians at ``times`` of the window of ``window`` % around ``percent``."""
        middle = self.start + 2 * np.pi * self.turns * (percent % PERIOD) / PERIOD
        return middle + np.pi * (np.asarray(times) - percent) / window


def share(offset: Floats, angle: float, strength: float) -> Floats:
    """Weight (V,) of the moment with rays at ``angle``, at ``offset`` (V, 3) from the axis of the vessel."""
    x, y = offset[:, 0], offset[:, 1]
    xx, yy = x * x, y * y
    double = np.float32(np.cos(2 * angle)) * (xx - yy) + np.float32(2 * np.sin(2 * angle)) * (x * y)
    return np.asarray(1 - np.float32(strength) * double / (xx + yy + np.float32(AXIS_MM**2)), np.float32)
