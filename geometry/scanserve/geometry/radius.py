"""Lumen radii from the CT volume, at half maximum along rays across the vessel.

Symbols: N points of a path, D directions, R samples along a ray.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.geometry.frames import across
from scanserve.geometry.image import OUTSIDE_HU, GridImage
from scanserve.geometry.path import mean_step
from scanserve.geometry.path import tangents as path_tangents
from scanserve.geometry.sampling import sample
from scanserve.geometry.types import Array

__all__ = ["RadiusOptions", "estimate_radii"]


@dataclass(frozen=True)
class RadiusOptions:
    """How radii are measured.

    Attributes:
        minimum_mm: smallest radius returned: scanners do not resolve thinner lumina.
        maximum_mm: largest radius returned.
        reach_mm: length of a ray, enough to see the surroundings of the widest lumen.
        window_mm: length of vessel over which lumen HU and radii are median-filtered, to bridge a calcification.
        directions: number D of rays; their median tolerates a neighbour (chamber, branch) on nearly half of them.
        step_mm: distance between samples along a ray: half of a 0.4 mm pixel.
    """

    minimum_mm: float
    maximum_mm: float
    reach_mm: float
    window_mm: float
    directions: int = 16
    step_mm: float = 0.2


def estimate_radii(image: GridImage, points: npt.ArrayLike, options: RadiusOptions) -> Array:
    """Radii of the lumen along a path.

    On every ray across the vessel, the lumen ends where HU first falls below the midpoint of the lumen (median along
    the vessel) and the darkest sample of the ray.  The radius is the median over the rays.

    Args:
        image: the CT, HU.
        points: (N, 3) mm LPS, neighbours distinct, at nearly equal steps.
        options: limits, directions, steps and windows.

    Returns:
        (N,) mm, between ``minimum_mm`` and ``maximum_mm``.

    Raises:
        InputError: codes ``path-shape`` and ``path-too-short``.
    """
    points = np.asarray(points, dtype=np.float64)
    rays = _rays(image, points, options)
    window = _odd_window(points, options.window_mm)
    lumen = ndimage.median_filter(rays[:, :, :2].mean(axis=(1, 2)), window, mode="nearest")
    radii = np.median(_first_fall(rays, lumen) * options.step_mm, axis=1)
    radii = ndimage.median_filter(radii, window, mode="nearest")
    return np.clip(radii, options.minimum_mm, options.maximum_mm)


def _rays(image: GridImage, points: Array, options: RadiusOptions) -> Array:
    """HU (N, D, R) along the rays."""
    tangents = path_tangents(points)
    axis_u = across(tangents)
    axis_v = np.cross(tangents, axis_u)
    angle = np.linspace(0, 2 * np.pi, options.directions, endpoint=False)[:, None]
    directions = np.cos(angle) * axis_u[:, None] + np.sin(angle) * axis_v[:, None]
    distance = np.arange(0, options.reach_mm + options.step_mm / 2, options.step_mm)
    positions = points[:, None, None] + directions[:, :, None] * distance[:, None]
    return sample(image, positions, OUTSIDE_HU).astype(np.float64)


def _first_fall(rays: Array, lumen: Array) -> Array:
    """Fractional sample (N, D) where each ray first falls below half maximum; the last if it never does."""
    lumen = lumen[:, None]
    half = (lumen + np.minimum(rays.min(axis=2), lumen)) / 2
    below = rays < half[..., None]
    after = np.where(below.any(axis=2), below.argmax(axis=2), rays.shape[2] - 1)
    before = np.maximum(after - 1, 0)
    high = np.take_along_axis(rays, before[..., None], axis=2)[..., 0]
    low = np.take_along_axis(rays, after[..., None], axis=2)[..., 0]
    fall = np.where(high > low, high - low, 1.0)
    return before + np.clip((high - half) / fall, 0.0, 1.0) * (after > before)


def _odd_window(points: Array, window_mm: float) -> int:
    return 2 * int(window_mm / (2 * mean_step(points))) + 1
