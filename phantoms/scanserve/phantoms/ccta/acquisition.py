"""A synthetic scan: kernel, noise and voxels, drawn from a seed independently of the patient."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.ranges import PLAIN, Range, Ranges, draw

__all__ = ["Acquisition"]

#: Pixels along each side of a slice.
MATRIX = 512
#: Distance of the vessels from the edge of a field of view that is large enough, mm.
MARGIN_MM = 6.0


@dataclass(frozen=True)
class Acquisition:
    """A scan: ``psf_mm`` and ``noise_hu`` (low, high over phases) are standard deviations of kernel and noise.

    ``grain_voxels`` is the ``correlation`` of the noise; ``spacing`` and ``centre`` are xyz in mm.
    """

    psf_mm: float
    noise_hu: Range
    grain_voxels: float
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    centre: tuple[float, float, float]

    @classmethod
    def sample(cls, seed: int, ranges: Ranges = PLAIN) -> Acquisition:
        """The scan of ``seed`` in the population ``ranges``; reproducible."""
        rng, scan = np.random.default_rng([int(seed), 0xACC5]), ranges.scan
        psf, quiet, loud = draw(rng, scan.psf), draw(rng, scan.quiet_hu), draw(rng, scan.loud_hu)
        grain = draw(rng, scan.grain_voxels)
        pixel, step = draw(rng, scan.field_of_view) / MATRIX, draw(rng, scan.slice_step)
        slices = round(draw(rng, scan.coverage) / step)
        x, y = draw(rng, scan.off_centre), draw(rng, scan.off_centre)
        shape, spacing = (slices, MATRIX, MATRIX), (pixel, pixel, step)
        return cls(psf, (min(quiet, loud), max(quiet, loud)), grain, shape, spacing, (x, y, 0.0))

    def with_matrix(self, size: int) -> Acquisition:
        """The same scan and field of view with ``size`` pixels along each side of a slice."""
        slices, rows, columns = self.shape
        x, y, z = self.spacing
        return replace(self, shape=(slices, size, size), spacing=(x * columns / size, y * rows / size, z))

    def grid(self, anatomy: Anatomy) -> Grid:
        """The voxel grid: off-centre as drawn, but limited so that the vessels stay inside."""
        points = np.concatenate([b.points for vessel in anatomy.vessels for b in vessel.branches])
        half = np.multiply(self.shape[::-1], self.spacing) / 2 - MARGIN_MM
        least, most = points.max(0) - half, points.min(0) + half
        middle = (least + most) / 2
        centre = np.clip(self.centre, np.minimum(least, middle), np.maximum(most, middle))
        return Grid.centred(self.shape, self.spacing, centre)
