"""A CT volume: Hounsfield units on a grid in DICOM's LPS patient frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid

__all__ = ["Volume"]

Hounsfield = npt.NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Volume:
    """A CT volume, valid after construction; an image as :class:`scanserve.geometry.GridImage` has it.

    Attributes:
        hu: int16 ``[z, y, x]`` in HU; the axes grow toward superior, posterior and left (LPS).
        grid: where the voxels lie.

    Raises:
        InputError: code ``volume-invalid``.

    Example:
        >>> volume = Volume.at(np.zeros((2, 3, 4), np.int16), (0, 0, 10), (0.5, 0.5, 1))
        >>> volume.grid.to_lps([1, 2, 3]).tolist()
        [1.5, 1.0, 11.0]
    """

    hu: Hounsfield
    grid: Grid

    def __post_init__(self) -> None:
        object.__setattr__(self, "hu", _checked(self.hu))
        if self.hu.shape != self.grid.shape:
            raise InputError(
                "volume-invalid", f"hu must be of its grid's shape {self.grid.shape} but is {self.hu.shape}."
            )

    @classmethod
    def at(cls, hu: npt.ArrayLike, origin: npt.ArrayLike, spacing: npt.ArrayLike) -> Volume:
        """The volume ``hu`` whose voxel [0, 0, 0] has its centre at ``origin``.

        Args:
            hu: int16 ``[z, y, x]`` in HU.
            origin: (3,) ``(x, y, z)`` mm, LPS.
            spacing: (3,) ``(x, y, z)`` mm.

        Raises:
            InputError: codes ``volume-invalid`` and ``grid-invalid``.
        """
        values = _checked(hu)
        return cls(values, Grid(values.shape, origin, spacing))

    @property
    def values(self) -> Hounsfield:
        """``hu``, by the name that all images have."""
        return self.hu


def _checked(hu: npt.ArrayLike) -> Hounsfield:
    values = np.asarray(hu)
    if values.dtype != np.int16 or values.ndim != 3 or values.size == 0:
        raise InputError(
            "volume-invalid",
            f"hu must be a non-empty int16 array [z, y, x] but is {values.dtype} of shape {values.shape}.",
        )
    return values
