"""A random scan of a straightened vessel: kernel, voxels and the grain of the noise.

The quality network must tell motion from softness, so it has to meet every softness with every motion.  Scans are drawn
here for each vessel anew, from wider ranges than those of any population of phantoms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta import Anatomy, render_points
from scanserve.phantoms.ccta.lumen import sigma_of
from scanserve.phantoms.ccta.ranges import Range, draw
from scanserve.phantoms.ccta.render import POINT_VOXEL_MM
from scanserve.training.ccta.voxels import grain, through_voxels

__all__ = ["GRAIN_VOXELS", "KERNEL_MM", "PIXEL_MM", "SLICE_MM", "StraightScan"]

#: Standard deviation of the kernel; pixels (fields of view of 150 to 260 mm on 384 or 512 of them); distance of slices.
KERNEL_MM: Range = (0.2, 0.7)
PIXEL_MM: Range = (0.28, 0.7)
SLICE_MM: Range = (0.35, 1.0)
#: Standard deviation of the smoothing that correlates the noise of neighbours.
GRAIN_VOXELS: Range = (0.35, 1.65)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class StraightScan:
    """A scan: ``psf_mm`` is the standard deviation of the kernel, ``spacing_mm`` that of voxels, x, y, z.

    ``grain_voxels`` is the correlation of the noise, as in :func:`~scanserve.phantoms.ccta.add_noise`.
    """

    psf_mm: float
    spacing_mm: tuple[float, float, float]
    grain_voxels: float

    @classmethod
    def sample(cls, rng: np.random.Generator) -> StraightScan:
        """A scan from the ranges of this module."""
        psf, pixel, step = draw(rng, KERNEL_MM), draw(rng, PIXEL_MM), draw(rng, SLICE_MM)
        return cls(psf, (pixel, pixel, step), draw(rng, GRAIN_VOXELS))

    @property
    def point_psf_mm(self) -> float:
        """The kernel with which a rendered point is as soft as a voxel of this scan."""
        return float(np.sqrt(sigma_of(self.spacing_mm, self.psf_mm) ** 2 - POINT_VOXEL_MM**2 / 12))

    def hu(self, anatomy: Anatomy, percent: float, points: npt.NDArray) -> Floats:
        """HU at points (..., 3) mm LPS, without noise."""

        def at(voxels: npt.NDArray[np.intp]) -> Floats:
            return render_points(anatomy, percent, voxels * self.spacing_mm, self.point_psf_mm)

        return through_voxels(at, points, self.spacing_mm)

    def noise(self, rng: np.random.Generator, points: npt.NDArray) -> Floats:
        """Noise at points (..., 3) mm that in a voxel has a standard deviation of 1 HU."""
        return through_voxels(grain(rng, self.grain_voxels), points, self.spacing_mm)
