"""The result of a study, aligned with the phases of its truth by percent of the R-R interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanserve.client.ccta.result import KIND, READABLE_VERSIONS, Ranking, Result, VesselPhase
from scanserve.contracts import InputError
from scanserve.evaluation.records import read_result_of
from scanserve.geometry.types import Array

__all__ = ["PERCENT_TOLERANCE", "AlignedResult", "read_result"]

#: Largest difference of the percents of the same phase: vendors round to whole percents.
PERCENT_TOLERANCE = 0.5


def read_result(path: Path) -> Result:
    """Read a result.

    Raises:
        InputError: code ``file-missing``, ``not-a-result`` or ``result-version``.
    """
    return read_result_of(path, Result, KIND, READABLE_VERSIONS)


@dataclass(frozen=True)
class AlignedResult:
    """A result indexed by the truth's phases: ``labels`` (P) are the result's labels, None if it lacks the phase."""

    labels: tuple[str | None, ...]
    result: Result | None

    @classmethod
    def at(cls, percents: Sequence[float], result: Result | None) -> AlignedResult:
        """Match ``percents`` (P) with the nearest of the result's phases within the tolerance.

        Raises:
            InputError: code ``no-common-phase``.
        """
        if result is None:
            return cls((None,) * len(percents), None)
        known = {phase.label: phase.percent for phase in result.study.phases if phase.percent is not None}
        labels = tuple(_nearest(percent, known) for percent in percents)
        if not any(labels):
            raise InputError(
                "no-common-phase",
                f"truth and result must share phases but have {_list(percents)} and "
                f"{_list(known.values()) or 'none with a percent'}.",
            )
        return cls(labels, result)

    def extra_phases(self) -> list[str]:
        """Labels of the result's phases that the truth lacks."""
        phases = self.result.study.phases if self.result else []
        return [phase.label for phase in phases if phase.label not in self.labels]

    def phases(self, vessel: str) -> list[VesselPhase | str]:
        """The vessel in each phase (P), or the code of the reason why the result lacks it."""
        if self.result is None:
            return ["no-result"] * len(self.labels)
        entries = {
            phase.phase: phase
            for entry in self.result.vessels
            if entry.vessel == vessel
            for phase in entry.phases
        }
        if not entries:
            return ["no-vessel"] * len(self.labels)
        return [entries.get(label, "no-phase") if label else "no-phase" for label in self.labels]

    def places(self, vessel: str | None = None) -> Array:
        """The position (P,) of each phase for a vessel, or overall; NaN if it was not scored."""
        ranking = self._ranking(vessel)
        order = ranking.order if ranking else []
        place = {ranked.phase: ranked.position for ranked in order if ranked.score is not None}
        return np.array([place.get(label or "", np.nan) for label in self.labels], np.float64)

    def _ranking(self, vessel: str | None) -> Ranking | None:
        if self.result is None:
            return None
        if vessel is None:
            return self.result.overall
        return next((entry.ranking for entry in self.result.vessels if entry.vessel == vessel), None)


def _nearest(percent: float, known: dict[str, float]) -> str | None:
    nearest = min(known, key=lambda label: abs(known[label] - percent), default=None)
    if nearest is None or abs(known[nearest] - percent) > PERCENT_TOLERANCE:
        return None
    return nearest


def _list(percents) -> str:
    return ", ".join(f"{percent:g} %" for percent in percents)
