"""From a chain of voxel centres to a smooth curve along the ridge of a heat map, with true ends.

The chain is smoothed, extended straight beyond its ends, moved onto the ridge, smoothed again, cut where the heat
falls off, and sampled at equal steps.

Symbols: V voxels of a chain, K points of a curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanserve.geometry.heatmap import HeatMap
from scanserve.geometry.path import resample_path, smooth_path
from scanserve.geometry.ridge import refine_to_ridge
from scanserve.geometry.types import Array

__all__ = ["CurveOptions", "continuous_path"]

#: Prevents division by zero.
TINY = 1e-9


@dataclass(frozen=True)
class CurveOptions:
    """How a chain of voxels becomes a curve.

    Attributes:
        step_mm: distance between neighbouring points.
        staircase_mm: wavelength whose amplitude is halved before the search for the ridge: longer than the steps of
            a line of voxels, shorter than the vessel's bends.
        ripple_mm: wavelength whose amplitude is halved after it.
        extension_mm: length added beyond an end, because thinning may stop short by the radius of the ridge.
        end_heat: the curve is cut where the heat falls below this fraction of the ridge's median near that end.
        end_window_mm: length over which that median is taken.
        end_direction_mm: length over which the direction of an end is measured.
    """

    step_mm: float
    staircase_mm: float
    ripple_mm: float
    extension_mm: float
    end_heat: float
    end_window_mm: float
    end_direction_mm: float

    def steps(self, length_mm: float) -> int:
        """The number of steps in a length."""
        return round(length_mm / self.step_mm)


def continuous_path(
    voxel_centres: Array, heatmap: HeatMap, options: CurveOptions, *, pin_start: bool = False
) -> Array:
    """A smooth path along the ridge from a chain of voxel centres.

    Args:
        voxel_centres: (V, 3) mm, V >= 2, along the chain.
        heatmap: the map that holds the ridge.
        options: steps, wavelengths and ends.
        pin_start: keep the first point, and do not extend the path beyond it.

    Returns:
        (K, 3) mm at equal steps of about ``step_mm``.
    """
    path = resample_path(voxel_centres, options.step_mm)
    path = smooth_path(path, options.staircase_mm, pin_start=pin_start)
    path = _extended(path, options, both=not pin_start)
    ridge = refine_to_ridge(path, heatmap)
    if pin_start:
        ridge[0] = path[0]
    path = smooth_path(ridge, options.ripple_mm, pin_start=pin_start)
    return resample_path(_cut_at_ends(path, heatmap.heat(path), options, both=not pin_start), options.step_mm)


def _extended(path: Array, options: CurveOptions, *, both: bool) -> Array:
    """Continue a path straight beyond its end, or beyond both ends."""
    steps = np.arange(1, options.steps(options.extension_mm) + 1)[:, None] * options.step_mm
    parts = [path, path[-1] + steps * _end_direction(path, options)]
    if both:
        parts.insert(0, (path[0] + steps * _end_direction(path[::-1], options))[::-1])
    return np.concatenate(parts)


def _end_direction(path: Array, options: CurveOptions) -> Array:
    back = min(len(path) - 1, options.steps(options.end_direction_mm))
    direction = path[-1] - path[-1 - back]
    return direction / max(np.linalg.norm(direction), TINY)


def _cut_at_ends(path: Array, heat: Array, options: CurveOptions, *, both: bool) -> Array:
    last = len(path) - _cold_run(heat[::-1], options)
    first = _cold_run(heat, options) if both else 0
    return path[first:last] if last - first >= 2 else path


def _cold_run(heat: Array, options: CurveOptions) -> int:
    """The number of leading points that are colder than the ridge near this end."""
    extension, window = options.steps(options.extension_mm), options.steps(options.end_window_mm)
    ridge = np.median(heat[extension : extension + window]) if len(heat) > extension else heat.max()
    warm = heat >= options.end_heat * ridge
    return int(warm.argmax()) if warm.any() else 0
