"""The lumen in the CT: how nearly a place is as bright as the blood of one vessel.

Brightness is 0 for soft tissue and all that is darker, 1 for the vessel's own lumen and all that is brighter.

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

#: Blood is at least this bright: half maximum, as where radii are measured.
BLOOD = 0.5


@dataclass(frozen=True)
class LumenOptions:
    """What a lumen is told from.

    Attributes:
        soft_tissue_hu: HU of the tissue around and of blood without contrast.
        minimum_hu: what a lumen is taken to have at least, so that a vessel lost in noise does not call everything
            bright; more than ``soft_tissue_hu``.
    """

    soft_tissue_hu: float
    minimum_hu: float


@dataclass(frozen=True, eq=False)
class Lumen:
    """The CT as one vessel sees it.

    Attributes:
        image: the CT, HU.
        level: HU of the vessel's lumen.
        soft_tissue_hu: HU of the tissue around it.

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
        """The lumen of a vessel with centerline points (N, 3) mm, N >= 1.

        Its level is a percentile of their HU: partial volume lowers it in thin parts, calcium raises it.
        """
        values = sample(image, points, options.soft_tissue_hu)
        level = max(float(np.percentile(values, percentile)), options.minimum_hu)
        return cls(image, level, options.soft_tissue_hu)

    def brightness(self, points: npt.ArrayLike) -> Array:
        """Brightness (...), 0 to 1, at positions (..., 3) mm LPS; 0 outside of the image."""
        hu = sample(self.image, points, self.soft_tissue_hu).astype(np.float64)
        return np.clip((hu - self.soft_tissue_hu) / (self.level - self.soft_tissue_hu), 0.0, 1.0)

    def box(self, centre: npt.ArrayLike, half_mm: float, step_mm: float) -> LumenBox:
        """Brightness on a cube of even spacing around ``centre`` (3,) mm, 2 ``half_mm`` wide."""
        side = np.arange(-round(half_mm / step_mm), round(half_mm / step_mm) + 1) * step_mm
        z, y, x = np.meshgrid(side, side, side, indexing="ij")
        points = np.asarray(centre, dtype=np.float64) + np.stack([x, y, z], axis=-1)
        return LumenBox(self.brightness(points), Grid(z.shape, points[0, 0, 0], step_mm))


@dataclass(frozen=True, eq=False)
class LumenBox:
    """Brightness on a cube.

    Attributes:
        values: (Z, Y, X), 0 to 1.
        grid: where they lie; even spacing.
    """

    values: Array
    grid: Grid

    @property
    def step_mm(self) -> float:
        """Distance of neighbouring voxels."""
        return float(self.grid.spacing[0])
