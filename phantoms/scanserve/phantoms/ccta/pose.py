"""The frame of the heart: its position and orientation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from scanserve.phantoms.ccta.ranges import PLAIN, Body, draw

__all__ = ["Pose", "sample_pose"]

#: Typical directions in LPS: to the apex (left, anterior, inferior), and from the septum to the right ventricle.
APEX = np.array([0.64, -0.56, -0.52])
RIGHT = np.array([-0.76, -0.64, -0.10])
#: Typical position of the centre of the valve plane, mm from the isocentre.
BASE = np.array([-8.0, 8.0, 8.0])


@dataclass(frozen=True)
class Pose:
    """The pose: rows of ``axes`` (3, 3) point to the right ventricle (r), the anterior groove (s), the apex (a).

    ``base`` (3,) is the centre of the valve plane in mm; ``size`` scales all lengths of the heart.
    """

    base: npt.NDArray
    axes: npt.NDArray
    size: float

    def at(self, r: float, s: float, a: float) -> npt.NDArray:
        """The LPS point (3,) at heart coordinates in (size-scaled) mm."""
        return self.base + self.size * (np.array([r, s, a], float) @ self.axes)

    def local(self, points: npt.NDArray) -> npt.NDArray:
        """Heart coordinates (..., 3) = (r, s, a) of LPS points (..., 3)."""
        return (np.asarray(points) - self.base) @ self.axes.T / self.size


def sample_pose(rng: np.random.Generator, body: Body = PLAIN.body) -> Pose:
    """A random pose: rotated by a few degrees, shifted by a few millimetres."""
    most = 0.25 * body.turn_spread
    spread = np.radians([5, 5, 7]) * body.turn_spread
    turn = Rotation.from_rotvec(np.clip(rng.normal(0, spread), -most, most))
    apex = APEX / np.linalg.norm(APEX)
    right = RIGHT - apex * (RIGHT @ apex)
    right /= np.linalg.norm(right)
    axes = turn.apply(np.stack([right, np.cross(right, apex), apex]))
    if axes[1, 2] < 0:
        axes[1] = -axes[1]
    most = 2 * body.shift_spread
    shift = np.clip(rng.normal(0, body.shift_spread, 3), -most, most)
    return Pose(BASE + shift, axes, draw(rng, body.size))
