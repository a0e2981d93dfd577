"""Painting of the coronaries over the background, blurred by their motion in the acquisition window.

Symbols: N centerline samples, K sub-times, V voxels (or points) near a vessel.

Each near voxel is assigned its nearest sample at the middle of the window.  The displaced position and tangent of that
sample at each sub-time give the distance from the moving vessel, and the occupancies are averaged, which produces
smear and doubled walls.  The scanner's kernel and the voxel size are modelled as one Gaussian of standard deviation
sigma: the occupancy of a cylinder of radius r at distance d is ``erfc((d - r) / (sqrt(2) sigma)) / 2``, scaled so that
its peak is the exact ``1 - exp(-r^2 / (2 sigma^2))``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.special import erfc

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.anatomy import Anatomy, blur_profile
from scanserve.phantoms.ccta.coronaries import Artery, ArteryBranch
from scanserve.phantoms.ccta.gantry import share
from scanserve.phantoms.ccta.motion import sub_times
from scanserve.phantoms.ccta.plaque import Calcification
from scanserve.phantoms.ccta.riders import Rider
from scanserve.phantoms.ccta.stents import MovingStent, Stent, lay_stent

__all__ = [
    "PSF_MM",
    "MovingSamples",
    "collect",
    "collect_riders",
    "lay",
    "near_points",
    "near_voxels",
    "sigma_of",
]

#: Sub-times over which occupancy is averaged: one per SUB_STEP_MM travelled by the fastest point, within limits.
SUB_STEP_MM, MIN_TIMES, MAX_TIMES = 0.6, 3, 12
#: Standard deviation of the reconstruction kernel, mm.
PSF_MM = 0.35
#: Fat around every vessel: its thickness and soft edge, mm.
HALO_MM, HALO_EDGE_MM = 1.2, 1.4
#: Tissue denser than this (blood) is not replaced by the fat around a vessel.
KEEP_LOW_HU, KEEP_HIGH_HU = 130.0, 190.0
CELL_MM = 3.0
#: Lower limit of the total weight of the sub-times, for places where the weights nearly cancel.
LEAST_SHARE = 0.4
#: Voxels per chunk, so that temporaries stay in the processor's cache.
CHUNK = 1 << 15

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Plaque:
    """A calcification at each sub-time: ``centres`` and ``along`` (K, 3), sizes in mm, HU."""

    centres: Floats
    along: Floats
    radius: float
    length: float
    hu: float
    bloom: float


@dataclass(frozen=True)
class MovingSamples:
    """Moving samples: ``points``, ``tangents`` (K, N, 3); ``middle`` (N, 3); the other fields (N,).

    ``halo`` is the fraction of fat around each sample (None for 1).  ``angles`` (K,) of the rays and ``partial`` weight
    the sub-times by direction; see ``gantry.py``.
    """

    middle: Floats
    points: Floats
    tangents: Floats
    radii: Floats
    hu: Floats
    ends: npt.NDArray[np.bool_]
    plaques: tuple[Plaque, ...] = ()
    stents: tuple[MovingStent, ...] = ()
    halo: Floats | None = None
    angles: npt.NDArray | None = None
    partial: float = 0.0

    @property
    def reach(self) -> float:
        """Distance from a middle sample up to which anything is painted, mm."""
        travel = float(np.linalg.norm(self.points - self.middle, axis=-1).max())
        return float(self.radii.max()) + HALO_MM + HALO_EDGE_MM + travel


def sigma_of(spacing: npt.NDArray[np.float64] | tuple[float, float, float], psf_mm: float = PSF_MM) -> float:
    """Sigma of kernel and voxel as one Gaussian, mm: ``psf_mm`` and the box of the geometric-mean voxel."""
    voxel = float(np.prod(spacing)) ** (1 / 3)
    return float(np.hypot(psf_mm, voxel / np.sqrt(12)))


def collect(anatomy: Anatomy, percent: float) -> MovingSamples:
    """All samples of the three trees around a phase, except those of a branch inside its trunk."""
    times = _times(anatomy, percent)
    pieces = [
        _branch_samples(anatomy, vessel, index, times, percent)
        for vessel in anatomy.vessels
        for index in range(len(vessel.branches))
    ]
    joined = [np.concatenate([piece[i] for piece in pieces], axis=1 if i in (1, 2) else 0) for i in range(6)]
    plaques = tuple(_plaque(vessel, times, c) for vessel in anatomy.vessels for c in vessel.calcifications)
    stents = tuple(_stent(vessel, times, s) for vessel in anatomy.vessels for s in vessel.stents)
    middle, points, tangents, radii, hu, ends = joined
    view = _view(anatomy, times, percent)
    return MovingSamples(middle, points, tangents, radii, hu, ends, plaques, stents, **view)


def collect_riders(anatomy: Anatomy, percent: float) -> MovingSamples | None:
    """All samples of the riders on the trees; None if there are none."""
    if not anatomy.riders:
        return None
    times = _times(anatomy, percent)
    pieces = [_rider_samples(anatomy, rider, times, percent) for rider in anatomy.riders]
    joined = [np.concatenate([piece[i] for piece in pieces], axis=1 if i in (1, 2) else 0) for i in range(7)]
    middle, points, tangents, radii, hu, ends, halo = joined
    view = _view(anatomy, times, percent)
    return MovingSamples(middle, points, tangents, radii, hu, ends, halo=halo, **view)


def _view(anatomy: Anatomy, times: npt.NDArray, percent: float) -> dict[str, Any]:
    if anatomy.gantry is None:
        return {}
    angles = anatomy.gantry.angles(times, percent, anatomy.window_percent)
    return {"angles": angles, "partial": anatomy.gantry.strength}


def _times(anatomy: Anatomy, percent: float) -> npt.NDArray:
    travelled = max(blur_profile(anatomy, vessel.abbreviation, percent).max() for vessel in anatomy.vessels)
    count = int(np.clip(np.ceil(travelled / SUB_STEP_MM), MIN_TIMES, MAX_TIMES))
    return sub_times(percent, anatomy.window_percent, count)


def _tangents(points: npt.NDArray) -> Floats:
    t = np.gradient(points, axis=-2)
    return (t / np.maximum(np.linalg.norm(t, axis=-1, keepdims=True), 1e-6)).astype(np.float32)


def _outside_trunk(branch: ArteryBranch, trunk: ArteryBranch) -> npt.NDArray[np.bool_]:
    distance, nearest = cKDTree(trunk.points).query(branch.points)
    return distance > 0.7 * trunk.radii[nearest]


def _branch_samples(
    anatomy: Anatomy, vessel: Artery, index: int, times: npt.NDArray, percent: float
) -> tuple[npt.NDArray, ...]:
    branch = vessel.branches[index]
    moving = vessel.positions(index, times).astype(np.float32)
    middle = vessel.positions(index, percent)[0].astype(np.float32)
    keep = (
        np.ones(len(middle), bool) if branch.main else _outside_trunk(branch, vessel.branches[branch.parent])
    )
    s = 0.5 * (np.arange(len(middle)) + max(branch.joint, 0))
    hu = (anatomy.contrast.aorta * (1 - anatomy.contrast.distal_loss * s / 150)).astype(np.float32)
    ends = np.zeros(len(middle), bool)
    ends[-1] = True
    parts = middle, moving, _tangents(moving), branch.radii.astype(np.float32), hu, ends
    return tuple(part[:, keep] if part.ndim == 3 else part[keep] for part in parts)


def _rider_samples(
    anatomy: Anatomy, rider: Rider, times: npt.NDArray, percent: float
) -> tuple[npt.NDArray, ...]:
    moving = rider.positions(anatomy.vessels, times).astype(np.float32)
    middle = rider.positions(anatomy.vessels, percent)[0].astype(np.float32)
    ends = np.zeros(len(middle), bool)
    ends[[0, -1]] = True
    hu, halo = (np.full(len(middle), value, np.float32) for value in (rider.hu, rider.fat))
    return middle, moving, _tangents(moving), rider.radii.astype(np.float32), hu, ends, halo


def _stent(vessel: Artery, times: npt.NDArray, s: Stent) -> MovingStent:
    part = slice(s.first, s.first + s.count)
    positions = vessel.positions(0, times).astype(np.float32)
    radii = vessel.branches[0].radii[part].astype(np.float32)
    return MovingStent(positions[:, part], _tangents(positions)[:, part], radii, s.strength, s.bloom)


def _plaque(vessel: Artery, times: npt.NDArray, c: Calcification) -> Plaque:
    positions = vessel.positions(c.branch, times)
    along = _tangents(positions)[:, c.index]
    side = np.cross(along, [0.3, 0.5, 0.81])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(along, side)
    offset = vessel.branches[c.branch].radii[c.index] * 0.95
    normal = np.cos(c.angle) * side + np.sin(c.angle) * up
    centres = positions[:, c.index] + offset * normal
    return Plaque(centres.astype(np.float32), along, c.radius, c.length, c.hu, c.bloom)


def _lattice(points: npt.NDArray, reach: float) -> tuple[npt.NDArray[np.bool_], npt.NDArray]:
    """Cells of CELL_MM within ``reach`` of a line of points 0.5 mm apart: (bool [x, y, z], low corner)."""
    sparse = points[::3]
    low = points.min(0) - reach - CELL_MM
    count = np.ceil((points.max(0) + reach + CELL_MM - low) / CELL_MM).astype(int)
    axes = [low[i] + CELL_MM * (np.arange(count[i]) + 0.5) for i in range(3)]
    centres = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    bound = reach + CELL_MM * np.sqrt(3) / 2 + 1.1
    distance, _ = cKDTree(sparse).query(centres, distance_upper_bound=bound)
    return np.isfinite(distance).reshape(count), low


def near_voxels(points: npt.NDArray, reach: float, grid: Grid) -> tuple[npt.NDArray, Floats]:
    """Voxels that may lie within ``reach`` of ``points``: flat indices (V,) and centres (V, 3)."""
    cells, low = _lattice(points, reach)
    lookups, starts = [], []
    for i, axis in enumerate(grid.axes()):
        cell = np.floor((axis - low[i]) / CELL_MM).astype(int)
        valid = np.flatnonzero((cell >= 0) & (cell < cells.shape[i]))
        if not len(valid):
            return np.empty(0, int), np.empty((0, 3), np.float32)
        lookups.append(cell[valid])
        starts.append(valid[0])
    mask = cells[np.ix_(*lookups)] if cells.size > 8e6 else cells[lookups[0]][:, lookups[1]][:, :, lookups[2]]
    kx, ky, kz = (k + start for k, start in zip(np.nonzero(mask), starts, strict=True))
    flat = (kz * grid.shape[1] + ky) * grid.shape[2] + kx
    x, y, z = grid.axes()
    return flat, np.stack([x[kx], y[ky], z[kz]], axis=1)


def near_points(points: npt.NDArray, reach: float, queries: npt.NDArray) -> npt.NDArray:
    """Indices (V,) of ``queries`` (Q, 3) that may lie within ``reach`` of ``points``."""
    cells, low = _lattice(points, reach)
    cell = np.floor((queries - low) / CELL_MM).astype(int)
    valid = np.flatnonzero(((cell >= 0) & (cell < cells.shape)).all(1))
    return valid[cells[tuple(cell[valid].T)]]


def lay(
    hu: Floats,
    places: Floats,
    samples: MovingSamples,
    sigma: float,
    fat: float,
    covered: Floats | None = None,
) -> Floats:
    """Paint fat, lumen and plaque over ``hu`` (V,) at ``places`` (V, 3); returns the new HU (V,).

    ``covered`` (V,) is the occupancy by vessels so far, 0 to 1, which keeps fat away.  It is updated in place.
    """
    out = np.asarray(hu, np.float32).copy()
    covered = np.zeros(len(out), np.float32) if covered is None else covered
    tree = cKDTree(samples.middle)
    for start in range(0, len(out), CHUNK):
        part = slice(start, start + CHUNK)
        out[part] = _lay_chunk(out[part], places[part], samples, tree, sigma, fat, covered[part])
        for plaque in samples.plaques:
            _lay_plaque(out[part], places[part], plaque, float(np.hypot(sigma, plaque.bloom)))
        for stent in samples.stents:
            lay_stent(out[part], places[part], stent, sigma)
    return out


def _lay_chunk(
    hu: Floats,
    places: Floats,
    samples: MovingSamples,
    tree: cKDTree,
    sigma: float,
    fat: float,
    covered: Floats,
) -> Floats:
    distance, nearest = tree.query(places, distance_upper_bound=samples.reach)
    hit = np.flatnonzero(np.isfinite(distance))
    nearest = nearest[hit]
    occupancy, halo = _occupancy(places[hit], nearest, samples, sigma)
    base = hu[hit]
    halo *= np.clip((KEEP_HIGH_HU - base) / (KEEP_HIGH_HU - KEEP_LOW_HU), 0, 1)
    halo *= 1 - covered[hit]
    if samples.halo is not None:
        halo *= samples.halo[nearest]
    base += halo * (np.float32(fat) - base)
    base += occupancy * (samples.hu[nearest] - base)
    covered[hit] = np.maximum(covered[hit], np.clip(occupancy, 0, 1))
    out = hu.copy()
    out[hit] = base
    return out


def _occupancy(
    places: Floats, nearest: npt.NDArray, samples: MovingSamples, sigma: float
) -> tuple[Floats, Floats]:
    """Time-averaged occupancy of the lumen and of the fat around it, each (V,)."""
    radius = samples.radii[nearest]
    ends = samples.ends[nearest]
    wide = np.float32(1 / (np.sqrt(2) * sigma))
    lumen, halo = np.zeros(len(places), np.float32), np.zeros(len(places), np.float32)
    shares = np.zeros(len(places), np.float32)
    for k, (points, tangents) in enumerate(zip(samples.points, samples.tangents, strict=True)):
        offset = places - points[nearest]
        along = np.einsum("ij,ij->i", offset, tangents[nearest])
        along[ends] = 0
        d = np.einsum("ij,ij->i", offset, offset) - along * along
        d = np.sqrt(np.maximum(d, 0, out=d), out=d)
        d -= radius
        halo += np.clip((HALO_MM + HALO_EDGE_MM - d) / HALO_EDGE_MM, 0, 1)
        inside = erfc(d * wide)
        if samples.angles is not None:
            part = share(offset, samples.angles[k], samples.partial)
            inside *= part
            shares += part
        lumen += inside
    count = len(samples.points)
    if samples.angles is not None:
        lumen *= np.float32(count) / np.maximum(shares, np.float32(LEAST_SHARE * count))
    lumen *= _peak(samples.radii, sigma)[nearest] / np.float32(count)
    return lumen, halo / np.float32(count)


def _peak(radii: Floats, sigma: float) -> Floats:
    """The scale of ``erfc`` that makes the value on the axis exact."""
    exact = 1 - np.exp(-(radii**2) / (2 * sigma**2))
    return (exact / erfc(-radii / (np.sqrt(2) * sigma))).astype(np.float32)


def _lay_plaque(out: Floats, places: Floats, plaque: Plaque, sigma: float) -> None:
    reach = plaque.radius + plaque.length + 4 * sigma + 0.5
    low, high = plaque.centres.min(0) - reach, plaque.centres.max(0) + reach
    if (places.min(0) > high).any() or (places.max(0) < low).any():
        return
    hit = np.flatnonzero(((places >= low) & (places <= high)).all(1))
    if not len(hit):
        return
    total = np.zeros(len(hit), np.float32)
    for centre, axis in zip(plaque.centres, plaque.along, strict=True):
        offset = places[hit] - centre
        t = offset @ axis
        across = (offset**2).sum(1) - t * t
        t = np.maximum(np.abs(t) - (plaque.length - plaque.radius), 0)
        d = np.sqrt(np.maximum(across, 0) + t * t) - plaque.radius
        total += 0.5 * erfc(d / (np.sqrt(2) * sigma))
    total *= (1 - np.exp(-(plaque.radius**2) / (2 * sigma**2))) / len(plaque.centres)
    out[hit] += total * (plaque.hu - out[hit])
