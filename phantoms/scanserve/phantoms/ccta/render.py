"""Noise-free CT of the phantom on a grid or at points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.background import background, background_points
from scanserve.phantoms.ccta.dense import streaks_of
from scanserve.phantoms.ccta.hardening import darken_grid, darken_points
from scanserve.phantoms.ccta.lumen import (
    PSF_MM,
    MovingSamples,
    collect,
    collect_riders,
    lay,
    near_points,
    near_voxels,
    sigma_of,
)

__all__ = ["render", "render_points"]

#: Edge of the voxel that a point represents, mm.
POINT_VOXEL_MM = 0.45

Floats = npt.NDArray[np.float32]


def render(anatomy: Anatomy, percent: float, grid: Grid, psf_mm: float = PSF_MM) -> Floats:
    """HU (float32, [z, y, x]) on ``grid`` at a phase (percent of R-R), with motion blur, without noise.

    ``psf_mm`` is the standard deviation of the reconstruction kernel.
    """
    slabs = anatomy.vessels[0].slabs
    if slabs is None:
        return _render_beat(anatomy, percent, grid, psf_mm)
    parts = [_render_beat(anatomy.displaced(s), percent, part, psf_mm) for s, part in slabs.split(grid)]
    return np.concatenate(parts)


def render_points(anatomy: Anatomy, percent: float, points: npt.ArrayLike, psf_mm: float = PSF_MM) -> Floats:
    """HU (float32) at ``points`` (..., 3) xyz LPS mm, with motion blur, without noise; shape (...).

    Raises:
        InputError: code ``points-shape``.
    """
    places = np.asarray(points, np.float32)
    if places.ndim < 1 or places.shape[-1] != 3:
        raise InputError("points-shape", f"points must have shape (..., 3) but has {places.shape}.")
    flat, slabs = places.reshape(-1, 3), anatomy.vessels[0].slabs
    if slabs is None:
        return _points_of_beat(anatomy, percent, flat, psf_mm).reshape(places.shape[:-1])
    hu, which = np.empty(len(flat), np.float32), slabs.of(flat[:, 2])
    for number in np.unique(which):
        part = which == number
        beat = anatomy.displaced(slabs.shifts[number])
        hu[part] = _points_of_beat(beat, percent, flat[part], psf_mm)
    return hu.reshape(places.shape[:-1])


def _render_beat(anatomy: Anatomy, percent: float, grid: Grid, psf_mm: float) -> Floats:
    hu = _under(anatomy, percent, grid, psf_mm)
    under, samples = collect_riders(anatomy, percent), collect(anatomy, percent)
    flat, places = near_voxels(*_near(under, samples), grid)
    if len(flat):
        values = hu.reshape(-1)
        sigma = sigma_of(grid.spacing, psf_mm)
        values[flat] = _lay_both(values[flat], places, under, samples, sigma, anatomy.contrast.fat)
    darken_grid(hu, grid, streaks_of(anatomy, percent))
    return hu


def _points_of_beat(anatomy: Anatomy, percent: float, flat: Floats, psf_mm: float) -> Floats:
    if not len(flat):
        return np.empty(0, np.float32)
    hu = _under_points(anatomy, percent, flat, psf_mm)
    under, samples = collect_riders(anatomy, percent), collect(anatomy, percent)
    near = near_points(*_near(under, samples), flat)
    if len(near):
        sigma = sigma_of((POINT_VOXEL_MM,) * 3, psf_mm)
        hu[near] = _lay_both(hu[near], flat[near], under, samples, sigma, anatomy.contrast.fat)
    darken_points(hu, flat, streaks_of(anatomy, percent))
    return hu


def _under(anatomy: Anatomy, percent: float, grid: Grid, psf_mm: float) -> Floats:
    """The background of the vessels: the phantom, or the real heart, shifted with the beat of a slab."""
    if anatomy.host is None:
        return background(anatomy, percent, grid, psf_mm / PSF_MM)
    return anatomy.host.background(grid, anatomy.pose.base - anatomy.host.pose.base)


def _under_points(anatomy: Anatomy, percent: float, points: Floats, psf_mm: float) -> Floats:
    if anatomy.host is None:
        return background_points(anatomy, percent, points, psf_mm / PSF_MM)
    return anatomy.host.background_points(points, anatomy.pose.base - anatomy.host.pose.base)


def _near(under: MovingSamples | None, samples: MovingSamples) -> tuple[Floats, float]:
    """The points around which anything is painted, and the distance."""
    if under is None:
        return samples.middle, samples.reach
    return np.concatenate([under.middle, samples.middle]), max(under.reach, samples.reach)


def _lay_both(
    hu: Floats, places: Floats, under: MovingSamples | None, samples: MovingSamples, sigma: float, fat: float
) -> Floats:
    """Paint the riders first and then the arteries, whose fat does not cover the riders."""
    if under is None:
        return lay(hu, places, samples, sigma, fat)
    covered = np.zeros(len(hu), np.float32)
    return lay(lay(hu, places, under, sigma, fat, covered), places, samples, sigma, fat, covered)
