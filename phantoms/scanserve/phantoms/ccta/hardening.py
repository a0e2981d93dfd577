"""Streaks beside dense objects, which imitate beam hardening and photon starvation.

Rays through a dense object are hardened and attenuated, so the image is too dark along them.  Each dense object
darkens two opposite fans in its slices, less with distance, and brightens the fans across them by a smaller amount.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.geometry.grid import Grid

__all__ = ["Streak", "darken_grid", "darken_points"]

Floats = npt.NDArray[np.float32]
#: Extent of a fan in radii of the dense object and in mm; distance at which it falls to 1/e, mm; its sharpness.
MOST_RADII, MOST_MM, FALL_MM, SHARP = 8.0, 50.0, 25.0, 3
#: Brightening across a fan as a fraction of the darkening.
BRIGHT = 0.2
SLICE_EDGE_MM = 1.5


@dataclass(frozen=True)
class Streak:
    """The streak of a dense object at ``centre`` (x, y, z), of ``radius`` and ``half_height`` mm.

    It darkens by up to ``depth`` HU at the edge of the object along ``angle`` (radians from x to y).
    """

    centre: tuple[float, float, float]
    radius: float
    half_height: float
    depth: float
    angle: float

    @property
    def reach(self) -> float:
        """Extent in the slice, mm."""
        return min(MOST_RADII * self.radius, MOST_MM)

    def at(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """HU to add at positions, which broadcast against each other."""
        dx, dy = x - np.float32(self.centre[0]), y - np.float32(self.centre[1])
        rho2 = dx * dx + dy * dy
        across = dx * np.float32(np.cos(self.angle)) + dy * np.float32(np.sin(self.angle))
        cosine2 = across * across / (rho2 + np.float32(1e-3))
        rho, radius = np.sqrt(rho2), np.float32(self.radius)
        fall = np.minimum(rho / radius, 1) * np.sqrt(radius / np.maximum(rho, radius))
        fall = fall * np.exp(-np.maximum(rho - radius, 0) / np.float32(FALL_MM))
        fall = fall * np.clip((self.reach - rho) / (0.2 * self.reach), 0, 1)
        fan = np.float32(BRIGHT) * (1 - cosine2) ** SHARP - cosine2**SHARP
        level = np.abs(z - np.float32(self.centre[2])) - np.float32(self.half_height)
        slices = np.clip(1 - level / np.float32(SLICE_EDGE_MM), 0, 1)
        return (np.float32(self.depth) * fan * fall * slices).astype(np.float32)

    def box(self) -> tuple[npt.NDArray, npt.NDArray]:
        """Low and high corner of the region that it changes, xyz."""
        half = np.array([self.reach, self.reach, self.half_height + SLICE_EDGE_MM])
        return np.asarray(self.centre) - half, np.asarray(self.centre) + half


def darken_points(hu: Floats, points: Floats, streaks: tuple[Streak, ...]) -> None:
    """Add the streaks to ``hu`` (N,) at ``points`` (N, 3), in place.

    Slices are tested first: dense objects are short along z, so few points remain to be tested in the plane.
    """
    if not streaks:
        return
    x, y, z = np.ascontiguousarray(points.T)
    for streak in streaks:
        low, high = streak.box()
        level = np.flatnonzero((z >= low[2]) & (z <= high[2]))
        near = (np.abs(x[level] - streak.centre[0]) <= streak.reach) & (
            np.abs(y[level] - streak.centre[1]) <= streak.reach
        )
        hit = level[near]
        if len(hit):
            hu[hit] += streak.at(x[hit], y[hit], z[hit])


def darken_grid(hu: Floats, grid: Grid, streaks: tuple[Streak, ...]) -> None:
    """Add the streaks to ``hu`` [z, y, x] on ``grid``, in place."""
    axes = grid.axes()
    for streak in streaks:
        low, high = streak.box()
        x, y, z = (slice(*np.searchsorted(a, (low[i], high[i]))) for i, a in enumerate(axes))
        if x.start < x.stop and y.start < y.stop and z.start < z.stop:
            plane = streak.at(axes[0][x][None], axes[1][y][:, None], np.array(streak.centre[2], np.float32))
            level = np.abs(axes[2][z] - np.float32(streak.centre[2])) - np.float32(streak.half_height)
            hu[z, y, x] += plane * np.clip(1 - level / np.float32(SLICE_EDGE_MM), 0, 1)[:, None, None]
