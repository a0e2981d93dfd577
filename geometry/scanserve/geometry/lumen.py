"""The lumen in the CT: how nearly a place is as bright as the blood of one vessel.

Brightness is 0 for heart muscle and all that is darker, 1 for the vessel's own lumen and all that is brighter.

Symbols: Z, Y, X voxels of a box sampled from the volume.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scanserve.geometry.sampling import trilinear

if TYPE_CHECKING:
    from scanserve.preprocessing import Volume

__all__ = ["BLOOD", "MINIMUM_LUMEN_HU", "SOFT_TISSUE_HU", "Lumen", "LumenBox"]

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: HU of heart muscle and blood without contrast; blood counts as bright from the middle between this and the
#: vessel's own lumen on.
SOFT_TISSUE_HU = 50.0
#: What the lumen is taken to have at least, so that a vessel lost in noise does not call everything bright.
MINIMUM_LUMEN_HU = 150.0
#: Blood is at least this bright: half maximum, as where radii are measured.
BLOOD = 0.5


@dataclass(frozen=True, eq=False)
class Lumen:
    """The CT volume as one vessel sees it.

    Attributes:
        volume: the CT volume.
        level: HU of the vessel's lumen.
    """

    volume: Volume
    level: float

    @classmethod
    def along(cls, points: npt.ArrayLike, volume: Volume, percentile: float = 75.0) -> Lumen:
        """The lumen of a vessel with centerline points (N, 3) mm, N >= 1.

        Its level is a percentile of their HU: partial volume lowers it in thin parts, calcium raises it.
        """
        values = trilinear(volume.hu, volume.to_index(np.asarray(points)), SOFT_TISSUE_HU)
        return cls(volume, max(float(np.percentile(values, percentile)), MINIMUM_LUMEN_HU))

    def brightness(self, points: npt.ArrayLike) -> Array:
        """Brightness (...), 0 to 1, at positions (..., 3) mm LPS; 0 outside of the volume."""
        hu = trilinear(self.volume.hu, self.volume.to_index(points), SOFT_TISSUE_HU).astype(np.float64)
        return np.clip((hu - SOFT_TISSUE_HU) / (self.level - SOFT_TISSUE_HU), 0.0, 1.0)

    def box(self, centre: npt.ArrayLike, half_mm: float, step_mm: float) -> LumenBox:
        """Brightness on a cube of even spacing around ``centre`` (3,) mm, 2 ``half_mm`` wide."""
        side = np.arange(-round(half_mm / step_mm), round(half_mm / step_mm) + 1) * step_mm
        z, y, x = np.meshgrid(side, side, side, indexing="ij")
        points = np.asarray(centre, dtype=np.float64) + np.stack([x, y, z], axis=-1)
        return LumenBox(self.brightness(points), points[0, 0, 0], step_mm)


@dataclass(frozen=True, eq=False)
class LumenBox:
    """Brightness on a cube.

    Attributes:
        values: (Z, Y, X), 0 to 1.
        origin: (3,) ``(x, y, z)`` mm LPS, centre of voxel [0, 0, 0].
        step_mm: its even spacing.
    """

    values: Array
    origin: Array
    step_mm: float

    def to_index(self, points: npt.ArrayLike) -> Index:
        """The voxels (..., 3) ``(z, y, x)`` nearest to positions (..., 3) mm."""
        index = np.rint((np.asarray(points, dtype=np.float64) - self.origin) / self.step_mm)[..., ::-1]
        return np.clip(index, 0, np.array(self.values.shape) - 1).astype(np.intp)

    def to_lps(self, voxels: npt.ArrayLike) -> Array:
        """Positions (..., 3) mm of voxels (..., 3) ``(z, y, x)``."""
        return np.asarray(voxels, dtype=np.float64)[..., ::-1] * self.step_mm + self.origin

    def places(self) -> Array:
        """Positions (Z, Y, X, 3) mm of all voxels."""
        return self.to_lps(np.moveaxis(np.indices(self.values.shape), 0, -1))
