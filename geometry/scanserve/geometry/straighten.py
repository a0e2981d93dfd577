"""Straightening of a curved vessel: cross-sections at equal steps along its path.

Symbols: T steps along the vessel, F of them filled, R rows and C columns across it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.frames import Frames, rotation_minimizing_frames
from scanserve.geometry.grid import Grid
from scanserve.geometry.image import OUTSIDE_HU, GridImage
from scanserve.geometry.path import path_length, sample_path
from scanserve.geometry.sampling import gather_linear
from scanserve.geometry.types import Array, Float32

__all__ = ["Straightened", "straighten", "straightened_points"]

#: The last step may exceed the path by this much: rounding of an arc length of a few 100 mm.
END_TOLERANCE_MM = 1e-6


@dataclass(frozen=True)
class Straightened:
    """A straightened vessel, with the mapping back to the patient.

    Attributes:
        image: int16 HU ``[step, row, column]``, (T, R, C); -1024 beyond the end and outside the CT.
        frames: frames at the F filled steps; columns grow along the normals, rows along the binormals, and
            the path passes through the middle, ``((R - 1) / 2, (C - 1) / 2)``.
        step_mm: distance between steps along the vessel.
        pixel_mm: distance between pixels across it.
        length_mm: length of vessel in the image: that of the path, at most ``T * step_mm``.
    """

    image: npt.NDArray[np.int16]
    frames: Frames
    step_mm: float
    pixel_mm: float
    length_mm: float

    def to_lps(self, index: npt.ArrayLike) -> Array:
        """Physical positions of fractional indices.

        Args:
            index: (..., 3) ``(step, row, column)``; integers are pixel centres.

        Returns:
            (..., 3) mm, LPS.  Before the first and after the last filled step the vessel continues straight.
        """
        index = np.asarray(index, dtype=np.float64)
        step = np.clip(index[..., 0], 0, len(self.frames) - 1)
        middle = (np.asarray(self.image.shape[1:]) - 1) / 2
        offset = (index[..., 1:] - middle) * self.pixel_mm
        frames = self.frames
        return (
            _between(frames.points, step)
            + _unit(_between(frames.tangents, step)) * ((index[..., 0] - step) * self.step_mm)[..., None]
            + _unit(_between(frames.binormals, step)) * offset[..., :1]
            + _unit(_between(frames.normals, step)) * offset[..., 1:]
        )


def straighten(
    image: GridImage, path_points: npt.ArrayLike, *, steps: int, step_mm: float, size: int, pixel_mm: float
) -> Straightened:
    """Sample a CT in planes across a path, at equal arc-length steps from its first point.

    Args:
        image: the CT, HU.
        path_points: (M, 3) mm LPS, smooth.
        steps: T, the number of steps; those beyond the path's end are filled with -1024.
        step_mm: distance between steps.
        size: rows and columns of a cross-section.
        pixel_mm: distance between pixels.

    Returns:
        The straightened image, linearly interpolated, with its frames.

    Raises:
        InputError: codes ``path-shape``, ``path-too-short`` (shorter than one step), ``straighten-size``.
    """
    _check_size(steps, step_mm, size, pixel_mm)
    frames, length = _stations(path_points, steps, step_mm)
    straight = np.full((steps, size, size), OUTSIDE_HU, dtype=np.int16)
    found = gather_linear(image.values, _pixels(frames, image.grid, size, pixel_mm), OUTSIDE_HU)
    straight[: len(frames)] = np.rint(found, out=found)
    return Straightened(straight, frames, step_mm, pixel_mm, min(length, steps * step_mm))


def straightened_points(
    path_points: npt.ArrayLike, steps: int, step_mm: float, size: int, pixel_mm: float
) -> Array:
    """Positions (F, R, C, 3) of the filled pixels, mm LPS; arguments and errors as :func:`straighten`.

    >>> straightened_points([[0, 0, 0], [4, 0, 0]], steps=9, step_mm=2.0, size=3, pixel_mm=1.0)[:, 1, 1].tolist()
    [[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [4.0, 0.0, 0.0]]
    """
    frames, _ = _stations(path_points, steps, step_mm)
    offset = ((np.arange(size) - (size - 1) / 2) * pixel_mm)[:, None]
    rows = frames.binormals[:, None, :] * offset + frames.points[:, None, :]
    columns = frames.normals[:, None, :] * offset
    return rows[:, :, None, :] + columns[:, None, :, :]


def _check_size(steps: int, step_mm: float, size: int, pixel_mm: float) -> None:
    if min(steps, size) < 2 or not min(step_mm, pixel_mm) > 0:
        given = f"steps {steps}, size {size}, step_mm {step_mm}, pixel_mm {pixel_mm}"
        raise InputError(
            "straighten-size", f"steps and size must be at least 2 and mm positive but are {given}."
        )


def _stations(path_points: npt.ArrayLike, steps: int, step_mm: float) -> tuple[Frames, float]:
    length = path_length(path_points)
    filled = min(steps, int((length + END_TOLERANCE_MM) // step_mm) + 1)
    if filled < 2:
        raise InputError(
            "path-too-short", f"path_points must span {step_mm} mm or more but span {length:.3f} mm."
        )
    points = sample_path(path_points, np.arange(filled) * step_mm)
    return rotation_minimizing_frames(points), length


def _pixels(frames: Frames, grid: Grid, size: int, pixel_mm: float) -> Float32:
    """Indices (3, F, R, C), z, y, x, of all pixels on the grid: sums of a point and two small vectors."""
    offset = (np.arange(size) - (size - 1) / 2) * pixel_mm
    scale = grid.spacing[::-1]
    points = grid.to_index(frames.points).T[:, :, None, None]
    rows = (frames.binormals[:, ::-1] / scale).T[:, :, None, None] * offset[:, None]
    columns = (frames.normals[:, ::-1] / scale).T[:, :, None, None] * offset
    pixels = np.empty((3, len(frames), size, size), np.float32)
    return np.add((points + rows).astype(np.float32), columns.astype(np.float32), out=pixels)


def _between(values: Array, step: Array) -> Array:
    low = np.minimum(step.astype(np.intp), len(values) - 2)
    part = (step - low)[..., None]
    return values[low] * (1.0 - part) + values[low + 1] * part


def _unit(vectors: Array) -> Array:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
