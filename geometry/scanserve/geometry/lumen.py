"""Brightness of the CT relative to the lumen of one vessel.

Brightness is 0 at and below the level of soft tissue, and 1 at and above the level of the vessel's lumen.

Symbols: Z, Y, X voxels of a box sampled from the CT.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.geometry.grid import Grid
from scanserve.geometry.image import GridImage
from scanserve.geometry.sampling import sample
from scanserve.geometry.types import Array

__all__ = ["BLOOD", "Lumen", "LumenBox", "LumenOptions"]

#: The minimum brightness of blood: half maximum, as in the measurement of radii.
BLOOD = 0.5


@dataclass(frozen=True)
class LumenOptions:
    """The levels that define a lumen.

    Attributes:
        soft_tissue_hu: HU of the surrounding tissue and of blood without contrast medium.
        minimum_hu: lower limit of the level of a lumen, so that not everything is bright relative to a vessel lost
            in noise; greater than ``soft_tissue_hu``.
    """

    soft_tissue_hu: float
    minimum_hu: float


@dataclass(frozen=True, eq=False)
class Lumen:
    """The CT relative to the lumen of one vessel.

    Attributes:
        image: the CT, HU.
        level: HU of the vessel's lumen.
        soft_tissue_hu: HU of the surrounding tissue.

    Example:
        >>> from scanserve.geometry.heatmap import HeatMap
        >>> dim = HeatMap.at(np.full((2, 2, 2), 150, np.uint8), (0, 0, 0), (1, 1, 1))
        >>> Lumen(dim, level=250.0, soft_tissue_hu=50.0).brightness([[0.5, 0.5, 0.5], [9, 9, 9]]).tolist()
        [0.5, 0.0]
    """

    image: GridImage
    level: float
    soft_tissue_hu: float

    @classmethod
    def along(
        cls, points: npt.ArrayLike, image: GridImage, options: LumenOptions, percentile: float = 75.0
    ) -> Lumen:
        """The lumen of a vessel with the centerline points (N, 3) mm, N >= 1.

        Its level is a percentile of their HU: partial volume lowers it in thin parts, calcium raises it.
        """
        values = sample(image, points, options.soft_tissue_hu)
        level = max(float(np.percentile(values, percentile)), options.minimum_hu)
        return cls(image, level, options.soft_tissue_hu)

    def brightness(self, points: npt.ArrayLike) -> Array:
        """Brightness (...), 0 to 1, at positions (..., 3) mm LPS; 0 outside the image."""
        hu = sample(self.image, points, self.soft_tissue_hu).astype(np.float64)
        return np.clip((hu - self.soft_tissue_hu) / (self.level - self.soft_tissue_hu), 0.0, 1.0)

    def box(self, centre: npt.ArrayLike, half_mm: float, step_mm: float) -> LumenBox:
        """Brightness on an isotropic cube around ``centre`` (3,) mm, 2 ``half_mm`` wide."""
        side = np.arange(-round(half_mm / step_mm), round(half_mm / step_mm) + 1) * step_mm
        z, y, x = np.meshgrid(side, side, side, indexing="ij")
        points = np.asarray(centre, dtype=np.float64) + np.stack([x, y, z], axis=-1)
        return LumenBox(self.brightness(points), Grid(z.shape, points[0, 0, 0], step_mm))


@dataclass(frozen=True, eq=False)
class LumenBox:
    """Brightness on a cube.

    Attributes:
        values: (Z, Y, X), 0 to 1.
        grid: the grid of the values, isotropic.
    """

    values: Array
    grid: Grid

    @property
    def step_mm(self) -> float:
        """Distance between neighbouring voxels."""
        return float(self.grid.spacing[0])
