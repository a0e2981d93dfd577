"""Stents: a bright mesh on the wall of a segment of a coronary.

Struts are about 0.1 mm thick, far below the resolution of a scanner, so only the product of HU and thickness matters:
a ring of ``strength`` HU mm, blurred across the wall by kernel, voxel and blooming (a Gaussian), and modulated along
and around the vessel by the mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from scanserve.phantoms.ccta.ranges import Lesions, draw

__all__ = ["MovingStent", "Stent", "lay_stent", "place_stent"]

Floats = npt.NDArray[np.float32]
#: Length of a cell of the mesh along the vessel, mm, and points per mm of a centerline.
CELL_MM, PER_MM = 2.2, 2
#: Depth of the modulation of the ring by the mesh.
MESH = 0.45


@dataclass(frozen=True)
class Stent:
    """A stent over ``count`` points of the main path from point ``first`` on; ``strength`` HU mm, ``bloom`` mm."""

    first: int
    count: int
    strength: float
    bloom: float


@dataclass(frozen=True)
class MovingStent:
    """A stent at K sub-times: ``points`` and ``tangents`` (K, M, 3), ``radii`` (M,) mm."""

    points: Floats
    tangents: Floats
    radii: Floats
    strength: float
    bloom: float


def place_stent(start: int, count: int, lesions: Lesions, rng: np.random.Generator) -> Stent:
    """Place a stent on the proximal half of a path of ``count`` points, after ``start``."""
    length = int(draw(rng, lesions.stent_length) * PER_MM)
    last = max(start + 1, count // 2 - length)
    first = int(rng.integers(start, last))
    return Stent(first, length, draw(rng, lesions.stent_strength), draw(rng, lesions.stent_bloom))


def lay_stent(out: Floats, places: Floats, stent: MovingStent, sigma: float) -> None:
    """Add the stent to ``out`` (V,) HU at ``places`` (V, 3), in place."""
    sigma = float(np.hypot(sigma, stent.bloom))
    reach = float(stent.radii.max()) + 4 * sigma
    low, high = stent.points.min((0, 1)) - reach, stent.points.max((0, 1)) + reach
    if (places.min(0) > high).any() or (places.max(0) < low).any():
        return
    hit = np.flatnonzero(((places >= low) & (places <= high)).all(1))
    if not len(hit):
        return
    total = np.zeros(len(hit), np.float32)
    for points, tangents in zip(stent.points, stent.tangents, strict=True):
        total += _ring(places[hit], points, tangents, stent.radii, sigma, reach)
    peak = stent.strength / (np.sqrt(2 * np.pi) * sigma)
    out[hit] += np.float32(peak / len(stent.points)) * total


def _ring(
    places: Floats, points: Floats, tangents: Floats, radii: Floats, sigma: float, reach: float
) -> Floats:
    """Weight (V,) of a ring around ``points`` (M, 3): on average 1 on the wall, 0 beyond the ends."""
    distance, nearest = cKDTree(points).query(places, distance_upper_bound=reach)
    near = np.isfinite(distance)
    nearest = np.where(near, nearest, 0)
    offset = places - points[nearest]
    along = np.einsum("ij,ij->i", offset, tangents[nearest])
    across = np.sqrt(np.maximum(np.einsum("ij,ij->i", offset, offset) - along * along, 0))
    inside = near & (np.abs(along) < 1.0)
    s = nearest / PER_MM + along
    turn = np.arctan2(offset[:, 1], offset[:, 0])
    mesh = 1 + MESH * np.cos(2 * np.pi * s / CELL_MM + 2 * turn)
    return np.where(inside, mesh * np.exp(-((across - radii[nearest]) ** 2) / (2 * sigma**2)), 0).astype(
        np.float32
    )
