"""The four grades of striatal uptake and the remaining uptake in each.

The scale is Benamer's visual one: normal, asymmetric loss in one putamen, loss in both putamina, and loss in both
caudates and putamina (Benamer et al., Movement Disorders 15 (2000) 503-510).  Loss starts at the back of the putamen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["GRADES", "GRADE_CHANCES", "SideUptake", "sample_uptake"]

#: The grades from normal to worst, and their probabilities.
GRADES = ("normal", "asymmetric", "bilateral putamen", "severe")
GRADE_CHANCES = (0.40, 0.20, 0.25, 0.15)

Range = tuple[float, float]


@dataclass(frozen=True)
class SideUptake:
    """Remaining fraction of the uptake above background on one side: caudate, and both ends of the putamen."""

    caudate: float
    front: float
    back: float


@dataclass(frozen=True)
class _Loss:
    caudate: Range
    front: Range
    back: Range

    def draw(self, rng: np.random.Generator) -> SideUptake:
        return SideUptake(*(float(rng.uniform(*span)) for span in (self.caudate, self.front, self.back)))


_NONE = _Loss((0.9, 1.0), (0.9, 1.0), (0.85, 1.0))
_MILD = _Loss((0.85, 1.0), (0.75, 0.95), (0.55, 0.8))
_ONE_PUTAMEN = _Loss((0.7, 0.95), (0.35, 0.6), (0.1, 0.3))
_PUTAMEN = _Loss((0.55, 0.85), (0.12, 0.35), (0.04, 0.18))
_ALL = _Loss((0.12, 0.35), (0.04, 0.15), (0.0, 0.08))
#: The worse and the better side of each grade.
_SIDES = ((_NONE, _NONE), (_ONE_PUTAMEN, _MILD), (_PUTAMEN, _PUTAMEN), (_ALL, _ALL))


def sample_uptake(rng: np.random.Generator, grade: int) -> tuple[SideUptake, SideUptake]:
    """The right and the left side of a patient of grade 0 to 3; the worse side is drawn at random."""
    worse, better = (loss.draw(rng) for loss in _SIDES[grade])
    return (worse, better) if rng.random() < 0.5 else (better, worse)
