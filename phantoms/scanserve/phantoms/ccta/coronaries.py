"""The three coronary trees: their branches, their motion and the lesions in their walls.

Trees are built at 0 % (end diastole, ``trees.py``) and moved by displacements (``animate.py``):
``points + own * curve(p) + root * root_curve(p) + loop * sin(...)``.

Symbols: N points of a branch, 0.5 mm apart along it, from its start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.motion import Curve
from scanserve.phantoms.ccta.plaque import Calcification, SoftPlaque
from scanserve.phantoms.ccta.slabs import Slabs
from scanserve.phantoms.ccta.stents import Stent

__all__ = ["STEP", "Artery", "ArteryBranch"]

#: Spacing of centerline points along a branch, mm.
STEP = 0.5


@dataclass(frozen=True)
class ArteryBranch:
    """A branch at one phase: ``points`` (N, 3) LPS mm, ``radii`` (N,) mm.

    ``main`` marks the main path (ostium to distal end).  ``parent`` is the index of the parent branch (-1 for the
    main path), ``joint`` the index of the parent's point where it starts, ``name`` is for display.
    """

    points: npt.NDArray
    radii: npt.NDArray
    main: bool
    parent: int = -1
    joint: int = -1
    name: str = ""


@dataclass(frozen=True)
class Artery:
    """One coronary tree with its motion.

    ``branches[0]`` is the main path at 0 %.  Per branch, ``own``, ``root`` and ``loop`` (N, 3) are the
    displacements in mm that multiply ``curve``, ``root_curve`` and a slow sine of phase ``loop_phase``.
    """

    abbreviation: str
    branches: tuple[ArteryBranch, ...]
    own: tuple[npt.NDArray, ...]
    root: tuple[npt.NDArray, ...]
    loop: tuple[npt.NDArray, ...]
    curve: Curve
    root_curve: Curve
    loop_phase: float
    calcifications: tuple[Calcification, ...] = ()
    soft: tuple[SoftPlaque, ...] = ()
    stents: tuple[Stent, ...] = ()
    slabs: Slabs | None = None

    def positions(self, branch: int, percents: npt.ArrayLike) -> npt.NDArray:
        """Points (T, N, 3) LPS mm of a branch at each of ``percents`` (T,) of a beat."""
        p = np.atleast_1d(np.asarray(percents, float))
        sway = np.sin(2 * np.pi * p / 100 + self.loop_phase) - np.sin(self.loop_phase)
        weights = np.stack([self.curve(p), self.root_curve(p), sway], axis=1)
        fields = np.stack([self.own[branch], self.root[branch], self.loop[branch]])
        return self.branches[branch].points + np.einsum("tk,knc->tnc", weights, fields)

    def at(self, percent: float) -> tuple[ArteryBranch, ...]:
        """The tree at a phase (percent of R-R, any number, period 100), as the image shows it."""
        return tuple(
            replace(branch, points=self._shown(i, percent)) for i, branch in enumerate(self.branches)
        )

    def _shown(self, branch: int, percent: float) -> npt.NDArray:
        points = self.positions(branch, percent)[0]
        return points if self.slabs is None else points + self.slabs.shift(points)

    def displaced(self, shift: npt.NDArray) -> Artery:
        """The tree of another beat, shifted by ``shift`` (3,) mm in all slabs."""
        moved = tuple(replace(branch, points=branch.points + shift) for branch in self.branches)
        return replace(self, branches=moved, slabs=None)
