"""Accuracy of one study: every vessel over all phases.

Symbols: P phases of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanserve.client.ccta.result import Result
from scanserve.evaluation.ccta.aligned import AlignedResult
from scanserve.evaluation.ccta.phase import PhaseAccuracy, evaluate_phase
from scanserve.evaluation.ccta.truth import TrueVessel, Truth
from scanserve.evaluation.ranking import RankingAccuracy, compare_ranking, rank_correlation

__all__ = ["SPACING_MM", "StudyAccuracy", "VesselAccuracy", "evaluate_study"]

#: Distance between samples on both centerlines, mm.  A study of ten phases takes seconds, and the AI of equal lines
#: is half of it, far below a voxel.
SPACING_MM = 0.05


@dataclass(frozen=True)
class VesselAccuracy:
    """Accuracy of one vessel over all phases."""

    vessel: str
    ranking: RankingAccuracy
    phases: tuple[PhaseAccuracy, ...]

    @property
    def section_correlation(self) -> float | None:
        """Spearman's rho of section quality and negative section blur over all scored sections; 1 is perfect."""
        sections = np.concatenate([phase.sections for phase in self.phases])
        sections = sections[np.isfinite(sections[:, 0])]
        return rank_correlation(sections[:, 0], -sections[:, 1])


@dataclass(frozen=True)
class StudyAccuracy:
    """Accuracy of one study; ``overall`` is that of the ranking for all vessels together.

    ``heart`` is the same in all studies of one heart, several patients of the phantom in one real CT; None where the
    truth does not say: the heart of this study alone.
    ``without_result`` are the phases of the truth that the result lacks, which count as misses; ``extra_phases`` are
    the phases of the result that the truth lacks, which are not evaluated.
    """

    name: str
    heart: str | None
    percents: tuple[float, ...]
    without_result: tuple[float, ...]
    extra_phases: tuple[str, ...]
    overall: RankingAccuracy
    vessels: tuple[VesselAccuracy, ...]


def evaluate_study(
    name: str, truth: Truth, result: Result | None, spacing_mm: float = SPACING_MM
) -> StudyAccuracy:
    """Compare a result with the truth.

    Args:
        name: name of the study.
        truth: truth of the study.
        result: result of the study; None counts as a miss throughout.
        spacing_mm: distance between samples on both centerlines.

    Raises:
        InputError: code ``no-common-phase``, or ``not-a-result`` or ``tree-invalid`` if the result contradicts
            itself.
    """
    found = AlignedResult.at(truth.percents, result)
    return StudyAccuracy(
        name=name,
        heart=truth.heart,
        percents=tuple(truth.percents),
        without_result=tuple(
            p for p, label in zip(truth.percents, found.labels, strict=True) if label is None
        ),
        extra_phases=tuple(found.extra_phases()),
        overall=compare_ranking(truth.overall_blur(), found.places()),
        vessels=tuple(_vessel(vessel, truth, found, spacing_mm) for vessel in truth.vessels),
    )


def _vessel(vessel: TrueVessel, truth: Truth, found: AlignedResult, spacing_mm: float) -> VesselAccuracy:
    entries = found.phases(vessel.abbreviation)
    phases = []
    for number, entry in enumerate(entries):
        others = [
            branch
            for other in truth.vessels
            if other is not vessel
            for branch in other.phases[number].branches()
        ]
        phases.append(evaluate_phase(vessel, vessel.phases[number], entry, others, spacing_mm))
    ranking = compare_ranking(vessel.blur(), found.places(vessel.abbreviation))
    return VesselAccuracy(vessel.abbreviation, ranking, tuple(phases))
