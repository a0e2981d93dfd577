"""A regular, axis-aligned grid of voxels in patient space: the conversion between indices and millimetres.

Indices are ``(z, y, x)`` as arrays are stored; positions are ``(x, y, z)`` mm, LPS.  Integer indices are voxel
centres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import index as whole

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.types import Array, Float32, Index

__all__ = ["Grid"]


@dataclass(frozen=True, init=False, eq=False)
class Grid:
    """The voxel grid of an image; grids with the same numbers are equal.

    Attributes:
        shape: voxels along ``(z, y, x)``, each at least 1.
        origin: (3,) ``(x, y, z)`` mm, LPS: the centre of voxel [0, 0, 0]; read-only.
        spacing: (3,) ``(x, y, z)`` mm, each > 0; read-only.

    Raises:
        InputError: code ``grid-invalid``.

    Example:
        >>> grid = Grid((2, 3, 4), (0, 0, 10), (0.5, 0.5, 1))
        >>> grid.to_lps([1, 2, 3]).tolist()
        [1.5, 1.0, 11.0]
        >>> grid.to_index([1.5, 1.0, 11.0]).tolist()
        [1.0, 2.0, 3.0]
    """

    shape: tuple[int, int, int]
    origin: Array
    spacing: Array

    def __init__(self, shape: Sequence[int], origin: npt.ArrayLike, spacing: npt.ArrayLike) -> None:
        """Accept ``spacing`` as (3,) ``(x, y, z)`` mm, or as one number for all three axes."""
        object.__setattr__(self, "shape", _shape(shape))
        object.__setattr__(self, "origin", _vector("origin", origin))
        object.__setattr__(self, "spacing", _vector("spacing", _three(spacing)))
        if not (self.spacing > 0).all():
            raise InputError(
                "grid-invalid", f"spacing must be positive in mm but is {self.spacing.tolist()}."
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and self._numbers() == other._numbers()

    def __hash__(self) -> int:
        return hash(self._numbers())

    @classmethod
    def centred(
        cls, shape: Sequence[int], spacing: npt.ArrayLike, centre: npt.ArrayLike = (0.0, 0.0, 0.0)
    ) -> Grid:
        """A grid with its middle at ``centre``.

        Args:
            shape: voxels along ``(z, y, x)``.
            spacing: (3,) ``(x, y, z)`` mm, or one number.
            centre: (3,) ``(x, y, z)`` mm.

        Raises:
            InputError: code ``grid-invalid``.

        >>> Grid.centred((1, 2, 3), 1.0, (10, 20, 30)).origin.tolist()
        [9.0, 19.5, 30.0]
        """
        counts = np.array(_shape(shape)[::-1])
        steps = _vector("spacing", _three(spacing))
        return cls(shape, _vector("centre", centre) - (counts - 1) * steps / 2, steps)

    @property
    def size_mm(self) -> Array:
        """Extent (3,) ``(x, y, z)`` in mm, between the outer edges of the first and the last voxel."""
        return self._counts * self.spacing

    @property
    def centre(self) -> Array:
        """Middle (3,) ``(x, y, z)`` mm."""
        return self.origin + (self._counts - 1) / 2 * self.spacing

    def bounds(self) -> tuple[Array, Array]:
        """The centres (3,), (3,) mm of the first and the last voxel: the range of interpolation.

        >>> Grid((2, 2, 3), (0, 0, 5), 2.0).bounds()[1].tolist()
        [4.0, 2.0, 7.0]
        """
        return self.origin, self.to_lps(np.array(self.shape) - 1)

    def to_lps(self, index_zyx: npt.ArrayLike) -> Array:
        """Positions (..., 3) ``(x, y, z)`` mm of (fractional) indices (..., 3) ``(z, y, x)``."""
        return np.asarray(index_zyx, dtype=np.float64)[..., ::-1] * self.spacing + self.origin

    def to_index(self, points_xyz: npt.ArrayLike) -> Array:
        """Fractional indices (..., 3) ``(z, y, x)`` of positions (..., 3) ``(x, y, z)`` mm."""
        return ((np.asarray(points_xyz, dtype=np.float64) - self.origin) / self.spacing)[..., ::-1]

    def nearest(self, points_xyz: npt.ArrayLike) -> Index:
        """The voxels (..., 3) ``(z, y, x)`` nearest to positions (..., 3) mm, clipped to the grid."""
        return np.clip(np.rint(self.to_index(points_xyz)), 0, np.array(self.shape) - 1).astype(np.intp)

    def axes(self) -> tuple[Float32, Float32, Float32]:
        """Positions in mm of the voxel centres along x, along y and along z, in single precision.

        >>> [axis.tolist() for axis in Grid((1, 2, 3), (0, 5, 9), (1, 2, 3)).axes()]
        [[0.0, 1.0, 2.0], [5.0, 7.0], [9.0]]
        """
        x, y, z = (
            (start + step * np.arange(count)).astype(np.float32)
            for start, step, count in zip(self.origin, self.spacing, self.shape[::-1], strict=True)
        )
        return x, y, z

    def points(self) -> Array:
        """Positions (Z, Y, X, 3) mm of all voxel centres."""
        return self.to_lps(np.moveaxis(np.indices(self.shape), 0, -1))

    def moved(self, shift_xyz: npt.ArrayLike) -> Grid:
        """The same grid, translated by ``shift_xyz`` (3,) mm."""
        return replace(self, origin=self.origin + np.asarray(shift_xyz))

    @property
    def _counts(self) -> Index:
        return np.array(self.shape[::-1])

    def _numbers(self) -> tuple[object, ...]:
        return (self.shape, *self.origin.tolist(), *self.spacing.tolist())


def _shape(shape: Sequence[int]) -> tuple[int, int, int]:
    try:
        z, y, x = map(whole, shape)
    except (TypeError, ValueError) as error:
        raise _unshaped(shape) from error
    if min(z, y, x) < 1:
        raise _unshaped(shape)
    return z, y, x


def _unshaped(shape: object) -> InputError:
    return InputError("grid-invalid", f"shape must be three counts (z, y, x) of 1 or more but is {shape!r}.")


def _three(spacing: npt.ArrayLike) -> npt.ArrayLike:
    return np.full(3, spacing) if np.ndim(spacing) == 0 else spacing


def _vector(name: str, value: npt.ArrayLike) -> Array:
    vector = np.array(value, dtype=np.float64)
    if vector.shape != (3,) or not np.isfinite(vector).all():
        raise InputError(
            "grid-invalid",
            f"{name} must be three finite numbers (x, y, z) in mm but is {np.asarray(value)!r}.",
        )
    vector.setflags(write=False)
    return vector
