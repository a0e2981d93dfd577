"""The report on one or more studies, as JSON and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.evaluation.application import Table
from scanserve.evaluation.bootstrap import LEVEL, RESAMPLES, SEED, Interval
from scanserve.evaluation.ccta.aligned import PERCENT_TOLERANCE
from scanserve.evaluation.ccta.metrics import CENTERLINE_METRICS, QUALITY_METRICS, RANKING_METRICS, Metric
from scanserve.evaluation.ccta.phase import DETECTED_OV, PhaseAccuracy
from scanserve.evaluation.ccta.pool import ALL, OVERALL, Pooled
from scanserve.evaluation.ccta.study import StudyAccuracy, VesselAccuracy
from scanserve.evaluation.ranking import RankingAccuracy
from scanserve.evaluation.tree import BRANCH_FOUND, OWN_MM, OWN_PART_MM, TOLERANCE_MM

__all__ = ["CctaReport"]


@dataclass(frozen=True)
class CctaReport:
    """Every study and the pooled metrics; ``spacing_mm`` is the distance between samples on the centerlines."""

    studies: tuple[StudyAccuracy, ...]
    pooled: Pooled
    spacing_mm: float

    def as_dict(self) -> dict[str, Any]:
        """The whole report, with the settings that the metrics depend on."""
        return {
            "settings": self._settings(),
            "pooled": self._pooled(),
            "studies": [*map(_study, self.studies)],
        }

    def tables(self) -> Sequence[Table]:
        """Two tables, centerlines and trees, phases and quality: a row per metric, a column per group."""
        vessels = [name for name in self.pooled.figures if name not in (ALL, OVERALL)]
        return (
            self._table("Centerlines and trees", CENTERLINE_METRICS, [ALL, *vessels]),
            self._table("Phases and quality", (*RANKING_METRICS, *QUALITY_METRICS), [ALL, *vessels, OVERALL]),
        )

    def notes(self) -> Sequence[str]:
        """Misses, and the meaning of the intervals."""
        return [*self._missed(), *self._phases(), self._unit()]

    def _settings(self) -> dict[str, Any]:
        return {
            "spacing_mm": self.spacing_mm,
            "detected_ov": DETECTED_OV,
            "tolerance_mm": TOLERANCE_MM,
            "branch_found": BRANCH_FOUND,
            "own_mm": OWN_MM,
            "own_part_mm": OWN_PART_MM,
            "percent_tolerance": PERCENT_TOLERANCE,
            "interval": {"level": LEVEL, "resamples": RESAMPLES, "seed": SEED},
        }

    def _pooled(self) -> dict[str, Any]:
        return {
            "studies": self.pooled.studies,
            "hearts": self.pooled.hearts,
            "interval_unit": self.pooled.unit,
            "counts": {name: asdict(counts) for name, counts in self.pooled.counts.items()},
            "figures": {
                name: {metric: asdict(interval) for metric, interval in figures.items()}
                for name, figures in self.pooled.figures.items()
            },
        }

    def _table(self, title: str, metrics: Sequence[Metric], groups: Sequence[str]) -> Table:
        rows = [
            (metric.label, *(_cell(self.pooled.figures[name].get(metric.name)) for name in groups))
            for metric in metrics
        ]
        columns = ("", *("all vessels" if name == ALL else name for name in groups))
        return Table(title, columns, tuple(rows))

    def _missed(self) -> list[str]:
        counts = self.pooled.counts[ALL]
        total = sum(counts.missed.values())
        reasons = ", ".join(f"{code} {count}" for code, count in sorted(counts.missed.items()))
        lines = [
            f"Vessels without a centerline: {total} of {counts.vessel_phases} (a vessel in a phase counts once)"
            + (f": {reasons}." if total else ".")
        ]
        if counts.unscored or counts.unranked:
            lines.append(
                f"Not scored: {counts.unscored} of {counts.vessel_phases}; "
                f"vessels without a best phase: {counts.unranked} of {counts.vessels}."
            )
        if counts.side_branches_not_counted:
            lines.append(
                "Side branches too close to others to be counted: "
                f"{counts.side_branches_not_counted} of {counts.side_branches}."
            )
        return lines

    def _phases(self) -> list[str]:
        lines = []
        for study in self.studies:
            if study.without_result:
                percents = ", ".join(f"{percent:g} %" for percent in study.without_result)
                lines.append(f"{study.name}: no result for {percents}; counted as missed.")
            if study.extra_phases:
                lines.append(f"{study.name}: not in the truth, left out: {', '.join(study.extra_phases)}.")
        return lines

    def _unit(self) -> str:
        if self.pooled.unit == "heart" and self.pooled.hearts == 1:
            return f"The {self.pooled.studies} studies are of one heart: they have no intervals."
        text = f"In brackets: {LEVEL:.0%} percentile bootstrap over "
        if self.pooled.unit == "heart":
            return f"{text}the {self.pooled.hearts} hearts of {self.pooled.studies} studies."
        if self.pooled.unit == "study":
            return f"{text}the {self.pooled.studies} studies."
        return f"{text}the vessels of this one study; it says nothing of other patients."


def _cell(interval: Interval | None) -> str:
    return "" if interval is None else interval.text(2)


def _study(study: StudyAccuracy) -> dict[str, Any]:
    return {
        "name": study.name,
        "heart": study.heart,
        "percents": study.percents,
        "phases_without_result": study.without_result,
        "phases_without_truth": study.extra_phases,
        "overall": _ranking(study.overall, study.percents),
        "vessels": [_vessel(vessel) for vessel in study.vessels],
    }


def _vessel(vessel: VesselAccuracy) -> dict[str, Any]:
    return {
        "vessel": vessel.vessel,
        "ranking": _ranking(vessel.ranking, [phase.percent for phase in vessel.phases]),
        "section_correlation": vessel.section_correlation,
        "phases": [_phase(phase) for phase in vessel.phases],
    }


def _ranking(ranking: RankingAccuracy, percents: Sequence[float]) -> dict[str, Any]:
    figures = asdict(ranking)
    chosen = figures.pop("chosen")
    return {"chosen_percent": None if chosen is None else percents[chosen], **figures}


def _phase(phase: PhaseAccuracy) -> dict[str, Any]:
    tree = phase.tree
    shares = {"branch_recall": tree.branch_recall, "length_recall": tree.length_recall}
    return {
        "percent": phase.percent,
        "blur_mm": phase.blur_mm,
        "miss": phase.miss,
        "detected": phase.detected,
        "centerline": asdict(phase.centerline),
        "tree": {**asdict(tree), **shares, "false_share": tree.false_share},
        "true_class": _class(phase.true_class),
        "found_class": _class(phase.found_class),
        "section_quality": [None if np.isnan(quality) else quality for quality, _ in phase.sections.tolist()],
        "section_blur_mm": phase.sections[:, 1].tolist(),
    }


def _class(number: int | None) -> str | None:
    return None if number is None else QUALITY_CLASSES[number].name
