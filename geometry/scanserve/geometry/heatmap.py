"""A centerline heat map placed in the patient: values with origin and spacing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.sampling import trilinear

__all__ = ["HOTTEST", "HeatMap"]

Array = npt.NDArray[np.float64]

#: The value of a heat map on the centerline.
HOTTEST = 255


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A heat map on an axis-aligned grid.

    Attributes:
        values: uint8 ``[z, y, x]``; 255 on the centerline.
        origin: (3,) ``(x, y, z)`` mm, LPS: the centre of voxel [0, 0, 0].
        spacing: (3,) ``(x, y, z)`` mm.

    Raises:
        InputError: codes ``heatmap-shape`` and ``heatmap-geometry``.
    """

    values: npt.NDArray[np.uint8]
    origin: Array
    spacing: Array

    def __post_init__(self) -> None:
        check_heatmap(self.values)
        for name in ("origin", "spacing"):
            vector = np.asarray(getattr(self, name), dtype=np.float64)
            if vector.shape != (3,) or not np.all(np.isfinite(vector)):
                raise InputError(
                    "heatmap-geometry", f"{name} must be 3 finite numbers (x, y, z) but is {vector}."
                )
            object.__setattr__(self, name, vector)
        if not np.all(self.spacing > 0):
            raise InputError("heatmap-geometry", f"spacing must be positive but is {self.spacing}.")

    def to_lps(self, index_zyx: npt.ArrayLike) -> Array:
        """Positions (..., 3) ``(x, y, z)`` mm of indices (..., 3) ``(z, y, x)``."""
        return np.asarray(index_zyx, dtype=np.float64)[..., ::-1] * self.spacing + self.origin

    def to_index(self, points_xyz: npt.ArrayLike) -> Array:
        """Fractional indices (..., 3) ``(z, y, x)`` of positions (..., 3) ``(x, y, z)`` mm."""
        return ((np.asarray(points_xyz, dtype=np.float64) - self.origin) / self.spacing)[..., ::-1]

    def heat(self, points_xyz: npt.ArrayLike) -> Array:
        """Interpolated heat (...), 0 to 1, at positions (..., 3) mm; 0 outside."""
        return trilinear(self.values, self.to_index(points_xyz), 0.0).astype(np.float64) / HOTTEST


def check_heatmap(values: npt.NDArray) -> None:
    """Raise ``InputError`` ``heatmap-shape`` unless ``values`` is a uint8 array of three axes."""
    if getattr(values, "ndim", None) != 3 or values.dtype != np.uint8 or values.size == 0:
        shape, dtype = getattr(values, "shape", None), getattr(values, "dtype", type(values))
        raise InputError("heatmap-shape", f"the heat map must be uint8 [z, y, x] but is {dtype} {shape}.")
