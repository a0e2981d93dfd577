"""Striatal binding ratios of five slices, without knowing where the structures are.

Each side's striatum is a disc around its hottest place, and the reference is the back of the head.  Discs hold more
than the striatum, so that these ratios are lower than those of drawn regions and must not be compared with published
normal values: they tell whether a restoration keeps what its source showed.

Symbols: N slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_erosion, gaussian_filter

__all__ = ["Binding", "Regions", "find_regions"]

Image = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]

#: The head is where the smoothed sum exceeds this share of its own greatest value; pixels of the smoothing.
HEAD_LEVEL, SIGMA = 0.1, 2.0
#: Radius of a disc, and how far the reference stays away from the discs; mm.
DISC_MM, AWAY_MM = 13.0, 20.0
#: The reference is this part of the head's depth, from behind, without its rim of so many pixels.
BACK, RIM = 0.3, 3
#: A side's hottest place lies so far from the middle of the head at least, and a region holds so many pixels; mm.
ASIDE_MM, LEAST_PIXELS = 6.0, 20


@dataclass(frozen=True)
class Binding:
    """Mean counts of each side over those of the reference, minus 1."""

    right: float
    left: float


@dataclass(frozen=True, eq=False)
class Regions:
    """Masks ``[row, column]``, the same for every slice."""

    right: Mask
    left: Mask
    reference: Mask

    def binding(self, counts: Image) -> Binding | None:
        """Of counts ``[slice, row, column]``, all on one scale; None where the reference holds none."""
        mean = counts.mean(axis=0)
        reference = float(mean[self.reference].mean())
        if reference <= 0:
            return None
        right, left = (float(mean[side].mean()) / reference - 1 for side in (self.right, self.left))
        return Binding(round(right, 4), round(left, 4))


def find_regions(
    counts: Image, orientation: Sequence[float] | None, pixel_mm: tuple[float, float]
) -> Regions | None:
    """Find the regions in the slices as acquired.

    Args:
        counts: (N, row, column), all on one scale.
        orientation: direction cosines of a row, then of a column (LPS); without them no side has a name.
        pixel_mm: between rows, between columns.

    Returns:
        The regions, or None where the sides are not known, or no striatum or reference is seen.
    """
    if orientation is None or abs(orientation[0]) < 0.8 or abs(orientation[4]) < 0.8:
        return None
    smooth = gaussian_filter(counts.mean(axis=0), SIGMA)
    head = smooth > HEAD_LEVEL * smooth.max()
    rows, columns = np.nonzero(head)
    y, x = np.indices(head.shape) * np.array(pixel_mm)[:, None, None]
    toward_left = (x - x[rows, columns].mean()) * np.sign(orientation[0])
    discs = [_disc(smooth, head & (side * toward_left > ASIDE_MM), y, x) for side in (-1, 1)]
    if any(disc is None for disc in discs):
        return None
    right, left = (disc for disc in discs if disc is not None)
    depth = y * np.sign(orientation[4])
    low, high = depth[rows, columns].min(), depth[rows, columns].max()
    back = binary_erosion(head, iterations=RIM) & (depth > high - BACK * (high - low))
    reference = back & ~_near(right | left, y, x)
    return Regions(right, left, reference) if reference.sum() >= LEAST_PIXELS else None


def _disc(smooth: Image, side: Mask, y: Image, x: Image) -> Mask | None:
    if not side.any():
        return None
    row, column = np.unravel_index(int(np.where(side, smooth, -np.inf).argmax()), smooth.shape)
    disc = np.hypot(y - y[row, column], x - x[row, column]) <= DISC_MM
    return disc if disc.sum() >= LEAST_PIXELS else None


def _near(mask: Mask, y: Image, x: Image) -> Mask:
    """Everything within AWAY_MM of ``mask``."""
    places = np.stack([y[mask], x[mask]], axis=1)
    distance = np.full(mask.shape, np.inf)
    for place in places:
        distance = np.minimum(distance, np.hypot(y - place[0], x - place[1]))
    return distance <= AWAY_MM
