"""Metal in the image: leads in the heart, wires in the sternum, clips and other small pieces.

No tissue reaches :data:`METAL_HU`; coronary calcium and stents may come near, so that a few voxels are no sure sign.
What a piece is follows from where it lies and how far it reaches: metal on the skin and outside (electrodes, the table)
is no finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.preprocessing.acceptance import Confidence
from scanserve.preprocessing.ccta.anatomy import TISSUE_HU, CoarseVolume, heart_region
from scanserve.preprocessing.ct import Volume

__all__ = ["METAL_HU", "Metal", "find_metal"]

#: Cortical bone stays below 2000 HU, dense calcium in sharp kernels below 2400; metal saturates 12-bit scales at 3071.
METAL_HU, SATURATED_HU = 2500, 3000
#: A piece of fewer voxels, or of less volume, is noise beside a streak.
LEAST_VOXELS, LEAST_MM3 = 4, 1.0
#: A piece that reaches so far in the heart is a lead; mm.
LEAD_MM = 25.0
#: A lead is so thin, with the blooming of its metal: volume over extent.  A thicker piece is none; mm2.
LEAD_MM2 = 20.0
#: The sternum lies so deep below the skin in front, and so far to the sides of the middle; mm.
STERNUM_DEPTH_MM, STERNUM_HALF_MM = 32.0, 35.0
#: Metal less deep than this lies on the skin; mm.
SKIN_MM = 6.0
#: So many saturated voxels are sure to be metal, and so few voxels are not.
SURE_VOXELS, UNSURE_VOXELS = 60, 15
LEAD, WIRES = "lead of a pacemaker or defibrillator", "sternal wires"
BULKY, CLIPS = "a heart valve, or undiluted contrast medium in a vein", "clips, stents or dense calcium"


@dataclass(frozen=True)
class Metal:
    """What looks like metal of one kind: how many pieces and voxels, and the middle of the largest (LPS, mm)."""

    what: str
    pieces: int
    voxels: int
    center_mm: tuple[float, float, float]
    confidence: Confidence


@dataclass(frozen=True)
class _Piece:
    what: str
    voxels: int
    saturated: int
    center_mm: npt.NDArray[np.float64]


def find_metal(volume: Volume, coarse: CoarseVolume) -> list[Metal]:
    """The kinds of metal that are seen, leads first; nothing where none is.

    Args:
        volume: HU ``[z, y, x]``.
        coarse: the same in blocks.
    """
    dense = volume.hu >= METAL_HU
    if not dense.any():
        return []
    pieces = list(filter(None, (_piece(volume, coarse, part) for part in _components(dense))))
    kinds = ([piece for piece in pieces if piece.what == what] for what in (LEAD, WIRES, BULKY, CLIPS))
    return [_metal(kind) for kind in kinds if kind]


def _components(dense: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.intp]]:
    """Indices (N, 3) of each connected piece; only the box that holds all is labelled."""
    (box,) = ndimage.find_objects(dense.astype(np.uint8))
    labels, count = ndimage.label(dense[box], np.ones((3, 3, 3)))
    places = np.argwhere(labels)
    own = labels[tuple(places.T)]
    order = np.argsort(own, kind="stable")
    ends = np.searchsorted(own[order], np.arange(1, count + 2))
    low = np.array([part.start for part in box])
    return [places[order[start:stop]] + low for start, stop in pairwise(ends)]


def _piece(volume: Volume, coarse: CoarseVolume, places: npt.NDArray[np.intp]) -> _Piece | None:
    """The piece, or None where it is too small, or lies on the skin or outside."""
    if len(places) < LEAST_VOXELS or len(places) * float(np.prod(volume.grid.spacing)) < LEAST_MM3:
        return None
    center = places.mean(axis=0)
    what = _kind(volume, coarse, places, center)
    if what is None:
        return None
    saturated = int(np.count_nonzero(volume.hu[tuple(places.T)] >= SATURATED_HU))
    return _Piece(what, len(places), saturated, volume.grid.to_lps(center))


def _kind(
    volume: Volume, coarse: CoarseVolume, places: npt.NDArray[np.intp], center: npt.NDArray[np.float64]
) -> str | None:
    tissue = coarse.hu > TISSUE_HU
    factors = coarse.size / volume.grid.spacing[::-1]
    block = np.minimum((center / factors).astype(int), np.array(tissue.shape) - 1)
    z, y, x = block
    column = np.flatnonzero(tissue[z, :, x])
    if not column.size:
        return None
    depth = (y - column[0]) * coarse.size[1]
    behind = (column[-1] - y) * coarse.size[1]
    across = np.flatnonzero(tissue[z].any(axis=0))
    aside = abs(x - (across[0] + across[-1]) / 2) * coarse.size[2]
    cut = column[0] == 0  # the skin in front lies outside the field
    if min(depth if not cut else np.inf, behind) < SKIN_MM:
        return None
    extent = float(np.linalg.norm((np.ptp(places, axis=0) + 1) * volume.grid.spacing[::-1]))
    if depth <= STERNUM_DEPTH_MM and aside <= STERNUM_HALF_MM:
        return WIRES
    if len(places) * float(np.prod(volume.grid.spacing)) / extent > LEAD_MM2:
        return BULKY
    return LEAD if extent >= LEAD_MM and heart_region(tissue)[z, y, x] else CLIPS


def _metal(pieces: list[_Piece]) -> Metal:
    largest = max(pieces, key=lambda piece: piece.voxels)
    voxels, saturated = (
        sum(values) for values in zip(*((p.voxels, p.saturated) for p in pieces), strict=True)
    )
    confidence: Confidence = "high" if saturated >= SURE_VOXELS else "medium"
    if voxels < UNSURE_VOXELS or largest.what == BULKY:
        confidence = "low"
    x, y, z = (round(float(value), 1) for value in largest.center_mm)
    return Metal(largest.what, len(pieces), voxels, (x, y, z), confidence)
