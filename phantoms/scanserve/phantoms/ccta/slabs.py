"""Step artefacts: slabs of slices from different beats.

Each slab shows the heart in one beat, at a slightly different position.  The shifts are in the image plane, so every
point of a centerline stays in its slab and the truth stays exact: the centerline steps where the image does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.ranges import Artefacts, draw, happens

__all__ = ["Slabs", "sample_slabs"]

#: Largest distance of a level from the isocentre, and smallest distance between levels, mm.
REACH_MM, APART_MM = 45.0, 18.0
MOST_LEVELS = 4


@dataclass(frozen=True, eq=False)
class Slabs:
    """``levels`` (L,) mm at which the beat changes, ascending; ``shifts`` (L + 1, 3) mm of the slabs, with z = 0."""

    levels: npt.NDArray
    shifts: npt.NDArray

    def of(self, z: npt.ArrayLike) -> npt.NDArray:
        """The index of the slab at each ``z`` (mm)."""
        return np.searchsorted(self.levels, np.asarray(z), side="right")

    def shift(self, points: npt.NDArray) -> npt.NDArray:
        """The displacement (..., 3) mm of ``points`` (..., 3) in the image."""
        return self.shifts[self.of(points[..., 2])]

    def split(self, grid: Grid) -> Iterator[tuple[npt.NDArray, Grid]]:
        """The shift and the grid of the slices of each slab, from below."""
        z = grid.origin[2] + grid.spacing[2] * np.arange(grid.shape[0])
        which = self.of(z)
        for number in np.unique(which):
            rows = np.flatnonzero(which == number)
            origin = np.append(grid.origin[:2], z[rows[0]])
            yield self.shifts[number], Grid((len(rows), *grid.shape[1:]), origin, grid.spacing)


def sample_slabs(rng: np.random.Generator, artefacts: Artefacts) -> Slabs | None:
    """One to four levels with steps of the drawn length; None for a regular heart."""
    if not happens(rng, artefacts.slab_chance):
        return None
    wanted = np.sort(rng.uniform(-REACH_MM, REACH_MM, int(rng.integers(1, MOST_LEVELS + 1))))
    levels = [wanted[0]]
    for level in wanted[1:]:
        if level - levels[-1] >= APART_MM:
            levels.append(level)
    shifts = [np.zeros(3)]
    for _ in levels:
        angle = rng.uniform(0, 2 * np.pi)
        step = draw(rng, artefacts.slab_shift) * np.array([np.cos(angle), np.sin(angle), 0.0])
        back = step if shifts[-1] @ step <= 0 else -step
        shifts.append(shifts[-1] + back)
    made = np.stack(shifts)
    return Slabs(np.array(levels), made - made[len(made) // 2])
