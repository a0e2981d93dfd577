"""A gamma camera that rotates around the head: from concentrations to expected counts in projections.

Symbols: Z slices, P pixels of the projected disc, A angles, B bins of a detector row.

The blur of the detector is Gaussian and grows with the distance to the collimator (low energy, high resolution):
9 mm at the centre of rotation, 6 mm at the near and 12 mm at the far side of the head.  Across slices the value at
the centre of rotation is used throughout.  Attenuation is exact for a uniform head: the distance from a pixel to the
surface is known in closed form.  Scatter is a constant fraction of the primary counts with a wide spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.ndimage import gaussian_filter

from scanserve.phantoms.ellipsoid import Ellipsoid

__all__ = ["ANGLES", "MATRIX", "PIXEL_MM", "angles", "directions", "fwhm_mm", "pixel_mm", "project"]

#: Pixels along a side of a slice, also bins of a detector row; their size (mm); and views over 360 degrees.
MATRIX, PIXEL_MM, ANGLES = 128, 3.29, 120
#: Distance from the centre of rotation to the collimator, mm.
RADIUS_MM = 150.0
#: Radius of the projected disc around the centre of rotation, which holds a shifted head, mm.
DISC_MM = 125.0
#: Full width at half maximum, mm: intrinsic; of the collimator at distance 0; and its increase per mm.
INTRINSIC_MM, COLLIMATOR_MM, COLLIMATOR_GAIN = 3.5, 1.8, 0.043
#: Full width at half maximum of a Gaussian of standard deviation 1.
FWHM = 2.3548
#: Bins on either side of the centre that receive the counts of a pixel (3 standard deviations).
REACH = 6
#: Scattered counts per primary count in the window, and their spread (standard deviation, mm).
SCATTER_SHARE, SCATTER_MM = 0.2, 28.0
#: Attenuation of water at 159 keV, 1/mm.
WATER = 0.0149

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class _System:
    """The system: ``pixels`` (P,) flat indices of the disc, ``points`` (P, 2) xy mm, ``blurring`` (A B, A P)."""

    pixels: npt.NDArray[np.int64]
    points: Array
    blurring: sparse.csr_matrix


def angles() -> Array:
    """The angles (A,) of the views in radians."""
    return np.arange(ANGLES) * 2 * np.pi / ANGLES


def pixel_mm() -> Array:
    """Positions (128,) mm of pixel centres along a side of a slice, and of bin centres along a detector row."""
    return (np.arange(MATRIX) - (MATRIX - 1) / 2) * PIXEL_MM


def directions() -> Array:
    """Unit vectors (A, 3) xyz toward the detector at each angle."""
    theta = angles()
    return np.stack([-np.sin(theta), np.cos(theta), np.zeros(ANGLES)], axis=1)


def fwhm_mm(distance_mm: Array | float) -> Array:
    """Full width at half maximum at a distance from the collimator, mm."""
    collimator = COLLIMATOR_MM + COLLIMATOR_GAIN * np.asarray(distance_mm)
    return np.sqrt(INTRINSIC_MM**2 + collimator**2)


def project(
    concentration: Array, surface: Ellipsoid, z_mm: Array, water: float = WATER
) -> npt.NDArray[np.float32]:
    """Expected counts, up to a factor, in projections ``[z, angle, bin]``.

    Args:
        concentration: (Z, 128, 128) ``[z, y, x]``, centred on the axis of rotation.
        surface: the surface of the head, inside which everything attenuates like water.
        z_mm: (Z,) positions of the slices.
        water: attenuation, 1/mm.
    """
    system = _system()
    primary = np.zeros((len(concentration), ANGLES, MATRIX), np.float32)
    for number, z in enumerate(z_mm.tolist()):
        if concentration[number].any():
            seen = _attenuated(concentration[number], system, surface, z, water)
            primary[number] = (system.blurring @ seen).reshape(ANGLES, MATRIX)
    across = fwhm_mm(RADIUS_MM) / FWHM / PIXEL_MM
    primary = gaussian_filter(primary, (across, 0, 0), mode="constant")
    wide = SCATTER_MM / PIXEL_MM
    scatter = gaussian_filter(primary, (wide, 0, wide), mode="constant")
    return (primary + SCATTER_SHARE * scatter).astype(np.float32)


def _attenuated(plane: Array, system: _System, surface: Ellipsoid, z: float, water: float) -> Array:
    """The counts (A P,) that leave the head from each pixel toward each angle."""
    points = np.column_stack([system.points, np.full(len(system.points), z)])
    values = plane.reshape(-1)[system.pixels]
    filled = values > 0
    out = np.zeros((ANGLES, len(values)), np.float32)
    depth = surface.exit_mm(points[filled], directions())
    out[:, filled] = (values[filled, None] * np.exp(-water * depth)).T
    return out.reshape(-1)


@lru_cache(maxsize=1)
def _system() -> _System:
    y, x = np.meshgrid(pixel_mm(), pixel_mm(), indexing="ij")
    pixels = np.flatnonzero(np.hypot(x, y) <= DISC_MM)
    points = np.column_stack([x.reshape(-1)[pixels], y.reshape(-1)[pixels]])
    theta = angles()[:, None]
    across = points[:, 0] * np.cos(theta) + points[:, 1] * np.sin(theta)
    toward = -points[:, 0] * np.sin(theta) + points[:, 1] * np.cos(theta)
    return _System(pixels, points, _blurring(across, RADIUS_MM - toward))


def _blurring(across: Array, distance: Array) -> sparse.csr_matrix:
    """The spread of each pixel over the bins of each view, (A B, A P); ``across`` and ``distance`` are (A, P) mm."""
    place = across / PIXEL_MM + (MATRIX - 1) / 2
    bins = np.rint(place).astype(np.int32)[..., None] + np.arange(-REACH, REACH + 1, dtype=np.int32)
    sigma = (fwhm_mm(distance) / FWHM / PIXEL_MM)[..., None]
    weights = np.exp(-0.5 * ((bins - place[..., None]) / sigma) ** 2)
    weights /= weights.sum(-1, keepdims=True)
    rows = bins + (np.arange(ANGLES, dtype=np.int32) * MATRIX)[:, None, None]
    columns = np.broadcast_to(np.arange(across.size, dtype=np.int32).reshape(*across.shape, 1), bins.shape)
    shape = (ANGLES * MATRIX, across.size)
    return sparse.csr_matrix(
        (weights.astype(np.float32).ravel(), (rows.ravel(), columns.ravel())), shape=shape
    )
