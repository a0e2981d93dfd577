"""Streaks beside dense things, in imitation of beam hardening and photon starvation.

Rays through something dense come out too hard and too few, so the image is too dark where they go on.  Each
dense thing darkens two opposite fans of its slices, falling with the distance, and brightens, less, the fans
across them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.geometry.grid import Grid

__all__ = ["Streak", "darken_grid", "darken_points"]

Floats = npt.NDArray[np.float32]
#: Fans end here, in radii of the dense thing and mm; where they have fallen to 1/e; their sharpness.
MOST_RADII, MOST_MM, FALL_MM, SHARP = 8.0, 50.0, 25.0, 3
#: Share of the darkening that comes back as brightness across.
BRIGHT = 0.2
SLICE_EDGE_MM = 1.5


@dataclass(frozen=True)
class Streak:
    """A dense thing at ``centre`` (x, y, z), of ``radius`` and ``half_height`` mm.

    It takes up to ``depth`` HU along ``angle`` (radians from x to y) at its edge.
    """

    centre: tuple[float, float, float]
    radius: float
    half_height: float
    depth: float
    angle: float

    @property
    def reach(self) -> float:
        """How far in the slice it is felt, mm."""
        return min(MOST_RADII * self.radius, MOST_MM)

    def at(self, x: Floats, y: Floats, z: Floats) -> Floats:
        """HU to add at places that broadcast against each other."""
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
        """Low and high corner of what it changes, xyz."""
        half = np.array([self.reach, self.reach, self.half_height + SLICE_EDGE_MM])
        return np.asarray(self.centre) - half, np.asarray(self.centre) + half


def darken_points(hu: Floats, points: Floats, streaks: tuple[Streak, ...]) -> None:
    """Add the streaks to ``hu`` (N,) at ``points`` (N, 3), in place.

    Slices first: dense things are low, so few points are left to test in the plane.
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
