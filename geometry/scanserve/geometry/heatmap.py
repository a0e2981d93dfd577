"""A centerline heat map in patient space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid
from scanserve.geometry.sampling import sample
from scanserve.geometry.types import Array

__all__ = ["HOTTEST", "HeatMap"]

#: The value of a heat map on the centerline.
HOTTEST = 255


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A heat map on a grid.

    Attributes:
        values: uint8 ``[z, y, x]``; 255 on the centerline.
        grid: the grid of the values.

    Raises:
        InputError: code ``heatmap-shape``.

    Example:
        >>> heatmap = HeatMap.at(np.full((2, 2, 2), 51, np.uint8), (0, 0, 0), (1, 1, 1))
        >>> heatmap.heat([[0.5, 0.5, 0.5], [9, 9, 9]]).round(3).tolist()
        [0.2, 0.0]
    """

    values: npt.NDArray[np.uint8]
    grid: Grid

    def __post_init__(self) -> None:
        check_heatmap(self.values)
        if self.values.shape != self.grid.shape:
            raise InputError(
                "heatmap-shape",
                f"the heat map must have the shape of its grid {self.grid.shape} but has {self.values.shape}.",
            )

    @classmethod
    def at(cls, values: npt.NDArray[np.uint8], origin: npt.ArrayLike, spacing: npt.ArrayLike) -> HeatMap:
        """The heat map whose voxel [0, 0, 0] lies at ``origin`` (3,) mm LPS; ``spacing`` (3,) is xyz mm.

        Raises:
            InputError: codes ``heatmap-shape`` and ``grid-invalid``.
        """
        check_heatmap(values)
        return cls(values, Grid(values.shape, origin, spacing))

    def heat(self, points_xyz: npt.ArrayLike) -> Array:
        """Interpolated heat (...), 0 to 1, at positions (..., 3) mm; 0 outside."""
        return sample(self, points_xyz, 0.0).astype(np.float64) / HOTTEST


def check_heatmap(values: npt.NDArray) -> None:
    """Raise ``InputError`` ``heatmap-shape`` unless ``values`` is a uint8 array with three axes."""
    if getattr(values, "ndim", None) != 3 or values.dtype != np.uint8 or values.size == 0:
        shape, dtype = getattr(values, "shape", None), getattr(values, "dtype", type(values))
        raise InputError("heatmap-shape", f"the heat map must be uint8 [z, y, x] but is {dtype} {shape}.")
