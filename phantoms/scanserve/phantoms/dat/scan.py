"""A whole acquisition: a head in front of the camera, its counts, and the slices reconstructed from them.

Noise is added to the counts: those of every detector bin over 25 minutes are Poisson, and those of the first 5
minutes are a binomial fifth of them.  So the short image is a part of the same 25 minutes, as in the published work,
where it was cut from a long acquisition; two independent draws would have no common noise.  Both are reconstructed in
the same way, which gives the noise the texture of filtered back-projection.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scanserve.contracts.dat import REFERENCE_MINUTES, SHORT_MINUTES
from scanserve.geometry.grid import Grid
from scanserve.phantoms.dat.activity import activity
from scanserve.phantoms.dat.camera import MATRIX, PIXEL_MM, project
from scanserve.phantoms.dat.head import Head
from scanserve.phantoms.dat.reconstruct import reconstruct
from scanserve.phantoms.ellipsoid import Ellipsoid

__all__ = ["Protocol", "Scan"]

Volume = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Protocol:
    """The acquisition and reconstruction of a study.

    ``counts`` are all counts of 25 minutes; ``cutoff`` is in cycles per cm; ``water`` is the attenuation assumed in the
    correction (1/mm, slightly wrong) and ``outline_mm`` the excess of the outline over the head.
    """

    slices: int
    counts: float
    cutoff: float
    order: float
    water: float
    outline_mm: float

    @classmethod
    def sample(cls, seed: int) -> Protocol:
        """The acquisition of ``seed``, drawn independently of the patient."""
        rng = np.random.default_rng([int(seed), 0xCA3])
        return cls(
            slices=int(rng.integers(59, 84)),
            counts=float(rng.uniform(1.5e6, 3.0e6)),
            cutoff=float(rng.uniform(0.45, 0.6)),
            order=float(rng.choice([5.0, 8.0, 10.0])),
            water=float(rng.uniform(0.0105, 0.0125)),
            outline_mm=float(np.clip(rng.normal(0, 2), -4, 4)),
        )

    @property
    def grid(self) -> Grid:
        """The voxel grid."""
        return Grid.centred((self.slices, MATRIX, MATRIX), PIXEL_MM)


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan of one head.  Volumes are ``[z, y, x]``, >= 0, in reconstructed counts per minute."""

    head: Head
    protocol: Protocol

    @classmethod
    def sample(cls, seed: int) -> Scan:
        """The patient and the acquisition of ``seed``."""
        return cls(Head.sample(seed), Protocol.sample(seed))

    @property
    def grid(self) -> Grid:
        """The voxels of all volumes."""
        return self.protocol.grid

    @cached_property
    def short(self) -> Volume:
        """The image of the first 5 minutes."""
        return self._image(self._counts[0] / np.float32(SHORT_MINUTES))

    @cached_property
    def reference(self) -> Volume:
        """The image of all 25 minutes."""
        return self._image(self._counts[1] / np.float32(REFERENCE_MINUTES))

    @cached_property
    def expected(self) -> Volume:
        """The noise-free image."""
        return self._image(self._rate)

    @cached_property
    def _rate(self) -> Volume:
        """Expected counts per minute in projections (Z, angle, bin)."""
        projections = project(activity(self.head, self.grid), self.head.surface, self._z_mm)
        return projections * np.float32(self.protocol.counts / projections.sum() / REFERENCE_MINUTES)

    @cached_property
    def _counts(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Counts in projections of the first 5 and of all 25 minutes."""
        rng = np.random.default_rng([self.head.seed, 0xC0])
        long = rng.poisson(self._rate * REFERENCE_MINUTES)
        return rng.binomial(long, SHORT_MINUTES / REFERENCE_MINUTES), long

    @property
    def _z_mm(self) -> npt.NDArray[np.float64]:
        return self.grid.axes()[2].astype(float)

    @property
    def _outline(self) -> Ellipsoid:
        return self.head.surface.grown(self.protocol.outline_mm)

    def _image(self, projections: npt.NDArray) -> Volume:
        own = self.protocol
        return reconstruct(
            projections, self._outline, self._z_mm, cutoff=own.cutoff, order=own.order, water=own.water
        )
