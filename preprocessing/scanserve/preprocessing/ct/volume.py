"""A CT volume in Hounsfield units on an axis-aligned grid in DICOM's LPS patient frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError

__all__ = ["Volume"]


@dataclass(frozen=True, eq=False)
class Volume:
    """A CT volume, valid after construction.

    Attributes:
        hu: int16 ``[z, y, x]`` in HU; the axes grow toward superior, posterior and left (LPS).
        origin: float64 ``(x, y, z)``, mm, LPS: the centre of voxel ``[0, 0, 0]``.
        spacing: float64 ``(x, y, z)``, mm, each > 0.

    Raises:
        InputError: code ``volume-invalid``.

    Example:
        >>> volume = Volume(np.zeros((2, 3, 4), np.int16), (0, 0, 10), (0.5, 0.5, 1))
        >>> volume.to_lps([1, 2, 3]).tolist()
        [1.5, 1.0, 11.0]
    """

    hu: npt.NDArray[np.int16]
    origin: npt.NDArray[np.float64]
    spacing: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        hu = np.asarray(self.hu)
        if hu.dtype != np.int16 or hu.ndim != 3 or hu.size == 0:
            raise InputError(
                "volume-invalid",
                f"hu must be a non-empty int16 array [z, y, x] but is {hu.dtype} of shape {hu.shape}.",
            )
        object.__setattr__(self, "hu", hu)
        object.__setattr__(self, "origin", _vector("origin", self.origin))
        object.__setattr__(self, "spacing", _vector("spacing", self.spacing))
        if not (self.spacing > 0).all():
            raise InputError(
                "volume-invalid", f"spacing must be positive in mm but is {self.spacing.tolist()}."
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along ``(z, y, x)``."""
        return self.hu.shape  # type: ignore[return-value]

    @property
    def size_mm(self) -> npt.NDArray[np.float64]:
        """Extent ``(x, y, z)`` in mm, voxel edges included."""
        return np.array(self.hu.shape[::-1]) * self.spacing

    @property
    def center(self) -> npt.NDArray[np.float64]:
        """Centre ``(x, y, z)`` of the volume, mm, LPS."""
        return self.origin + (np.array(self.hu.shape[::-1]) - 1) / 2 * self.spacing

    def to_lps(self, index_zyx: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Points ``(..., 3)`` ``(x, y, z)``, mm, LPS, of (fractional) indices ``(..., 3)`` ``[z, y, x]``."""
        return np.asarray(index_zyx, np.float64)[..., ::-1] * self.spacing + self.origin

    def to_index(self, points_xyz: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Fractional indices ``(..., 3)`` ``[z, y, x]`` of points ``(..., 3)`` ``(x, y, z)``, mm, LPS."""
        return ((np.asarray(points_xyz, np.float64) - self.origin) / self.spacing)[..., ::-1]


def _vector(name: str, value: npt.ArrayLike) -> npt.NDArray[np.float64]:
    vector = np.array(value, np.float64)
    if vector.shape != (3,) or not np.isfinite(vector).all():
        raise InputError(
            "volume-invalid", f"{name} must be three finite numbers (x, y, z) but is {np.asarray(value)!r}."
        )
    vector.setflags(write=False)
    return vector
