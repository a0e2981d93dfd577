"""A synthetic patient for ioflupane SPECT, drawn from a seed.

The head consists of ellipsoids: scalp, skull, brain with cortex, white matter and ventricles, and a caudate nucleus
and a putamen on either side.  Sizes are those of adults (caudate and putamen 3 to 5 ml each).  Uptake is relative to
the occipital cortex, which has no specific uptake of ioflupane and is the reference of the striatal binding ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from scanserve.phantoms.dat.grades import GRADE_CHANCES, SideUptake, sample_uptake
from scanserve.phantoms.ellipsoid import Ellipsoid

__all__ = ["SIDES", "STRUCTURES", "Head", "Uptake"]

SIDES = ("right", "left")
#: Structures whose uptake is measured, in the order of masks and truth.
STRUCTURES = ("caudate_right", "putamen_right", "caudate_left", "putamen_left")

#: Thickness of scalp and skull, mm.
SCALP_MM, SKULL_MM = 6.0, 7.0
#: Depth of the cortex below the brain's surface, mm.
CORTEX_MM = 14.0
#: Outward rotation of the posterior end of the putamen, degrees.
PUTAMEN_TURN = 18.0
#: Centre of each structure on the left side relative to the centre of the brain, xyz mm (LPS), and its semi-axes.
CAUDATE_AT, CAUDATE_AXES = (12.0, -20.0, 6.0), (6.0, 10.0, 11.0)
PUTAMEN_AT, PUTAMEN_AXES = (25.0, -5.0, 2.0), (5.5, 15.5, 10.0)
VENTRICLE_AT, VENTRICLE_AXES = (7.0, -2.0, 16.0), (4.0, 26.0, 8.0)


@dataclass(frozen=True)
class Uptake:
    """Concentrations relative to the cortex (1); ``striatum`` is that of a healthy caudate or putamen."""

    striatum: float
    white: float
    ventricle: float
    skull: float
    scalp: float


@dataclass(frozen=True, eq=False)
class Head:
    """A patient in LPS millimetres; the origin is the centre of the field of view.

    ``grade`` is 0 (normal) to 3; ``sides`` hold the remaining uptake on the right and on the left; the rows of ``axes``
    (3, 3) point to the left, the back and the top of the head.
    """

    seed: int
    grade: int
    brain_axes: npt.NDArray
    centre: npt.NDArray
    axes: npt.NDArray
    scale: float
    uptake: Uptake
    sides: tuple[SideUptake, SideUptake]

    @classmethod
    def sample(cls, seed: int) -> Head:
        """The patient of ``seed``; reproducible."""
        rng = np.random.default_rng([int(seed), 0xDA7])
        grade = int(rng.choice(len(GRADE_CHANCES), p=GRADE_CHANCES))
        turn = Rotation.from_euler("xyz", np.clip(rng.normal(0, (5, 3, 4)), -12, 12), degrees=True)
        return cls(
            seed=int(seed),
            grade=grade,
            brain_axes=np.array([67.0, 84.0, 63.0]) + np.clip(rng.normal(0, (3, 4, 3)), -8, 8),
            centre=np.clip(rng.normal(0, (3, 4, 5)), -10, 10),
            axes=turn.as_matrix().T,
            scale=float(np.clip(rng.normal(1.0, 0.05), 0.88, 1.12)),
            uptake=Uptake(
                striatum=float(np.clip(rng.normal(7.5, 1.1), 5.0, 10.0)),
                white=float(rng.uniform(0.7, 0.9)),
                ventricle=float(rng.uniform(0.1, 0.4)),
                skull=float(rng.uniform(0.2, 0.4)),
                scalp=float(rng.uniform(0.4, 0.9)),
            ),
            sides=sample_uptake(rng, grade),
        )

    @cached_property
    def brain(self) -> Ellipsoid:
        """The surface of the brain."""
        return Ellipsoid(self.centre, self.brain_axes, self.axes)

    @cached_property
    def surface(self) -> Ellipsoid:
        """The surface of the head."""
        return self.brain.grown(SCALP_MM + SKULL_MM)

    def structure(self, name: str) -> Ellipsoid:
        """The caudate or putamen of that name (one of STRUCTURES)."""
        kind, side = name.split("_")
        if kind == "caudate":
            return self._part(CAUDATE_AT, CAUDATE_AXES, side, 0.0)
        return self._part(PUTAMEN_AT, PUTAMEN_AXES, side, PUTAMEN_TURN)

    def ventricle(self, side: str) -> Ellipsoid:
        """The lateral ventricle of one side."""
        return self._part(VENTRICLE_AT, VENTRICLE_AXES, side, 0.0)

    def left_of(self, side: str) -> SideUptake:
        """The remaining uptake on one side."""
        return self.sides[SIDES.index(side)]

    def _part(
        self, at: tuple[float, float, float], semi_axes: tuple[float, float, float], side: str, turn: float
    ) -> Ellipsoid:
        """A structure of one side; ``turn`` rotates its posterior end outward by degrees."""
        sign = 1.0 if side == "left" else -1.0
        outward = Rotation.from_euler("z", -sign * turn, degrees=True).as_matrix().T
        middle = np.array(at) * (sign, 1.0, 1.0) * self.scale
        return Ellipsoid(
            self.centre + middle @ self.axes, np.array(semi_axes) * self.scale, outward @ self.axes
        )
