"""Metrics pooled over many studies, with bootstrap intervals.

The resampled unit is the heart, because vessels, phases and studies of a heart are not independent; several studies of
a single heart have no interval.  For a single study the unit is the vessel: the interval then shows how vessels of this
patient differ, not how patients differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from scanserve.evaluation.bootstrap import Interval, bootstrap
from scanserve.evaluation.ccta.metrics import CENTERLINE_METRICS, QUALITY_METRICS, RANKING_METRICS, Metric
from scanserve.evaluation.ccta.study import StudyAccuracy, VesselAccuracy

__all__ = ["ALL", "OVERALL", "Counts", "Pooled", "pool"]

T = TypeVar("T")
#: The groups in addition to single vessels: all vessels, and the overall ranking.
ALL, OVERALL = "all", "overall"

Figures = dict[str, Interval]


@dataclass(frozen=True)
class Counts:
    """The items of a group: vessels (once per study), and vessels in phases (in every phase of the truth).

    ``missed`` counts vessels in phases without a tree, by reason; ``unscored`` those without a quality;
    ``unranked`` the vessels (once per study) without any ranked phase.  ``side_branches`` counts those of all
    phases; ``side_branches_not_counted`` are too close to others to be distinguished from them.
    """

    vessels: int
    vessel_phases: int
    missed: dict[str, int]
    unscored: int
    unranked: int
    side_branches: int
    side_branches_not_counted: int

    @classmethod
    def of(cls, vessels: Sequence[VesselAccuracy]) -> Counts:
        """Count the items of these vessels."""
        phases = [phase for vessel in vessels for phase in vessel.phases]
        branches = [share for phase in phases for share in phase.tree.branches]
        return cls(
            vessels=len(vessels),
            vessel_phases=len(phases),
            missed=dict(Counter(phase.miss for phase in phases if phase.miss)),
            unscored=sum(phase.found_class is None for phase in phases),
            unranked=sum(vessel.ranking.chosen is None for vessel in vessels),
            side_branches=len(branches),
            side_branches_not_counted=branches.count(None),
        )


@dataclass(frozen=True)
class Pooled:
    """Metrics by group (all vessels, every vessel, the overall ranking) and name.

    ``unit`` is the resampled unit: a heart is called a study where each study has its own.
    """

    studies: int
    hearts: int
    unit: Literal["study", "heart", "vessel"]
    counts: dict[str, Counts]
    figures: dict[str, Figures]


def pool(studies: Sequence[StudyAccuracy]) -> Pooled:
    """Pool the metrics of one or more studies."""
    groups, hearts = _groups(studies), _hearts(studies)
    figures = {name: _figures(units) for name, units in groups.items()}
    overall = [[study.overall for study in heart] for heart in hearts]
    figures[OVERALL] = {metric.name: _interval(metric, overall) for metric in RANKING_METRICS}
    counts = {
        name: Counts.of([vessel for unit in units for vessel in unit]) for name, units in groups.items()
    }
    return Pooled(len(studies), len(hearts), _unit(len(studies), len(hearts)), counts, figures)


def _unit(studies: int, hearts: int) -> Literal["study", "heart", "vessel"]:
    if studies == 1:
        return "vessel"
    return "study" if hearts == studies else "heart"


def _hearts(studies: Sequence[StudyAccuracy]) -> list[list[StudyAccuracy]]:
    """The studies of each heart."""
    hearts: dict[str | int, list[StudyAccuracy]] = {}
    for number, study in enumerate(studies):
        hearts.setdefault(number if study.heart is None else study.heart, []).append(study)
    return list(hearts.values())


def _groups(studies: Sequence[StudyAccuracy]) -> dict[str, list[list[VesselAccuracy]]]:
    """The units of each group, as lists of vessels."""
    hearts = [[vessel for study in heart for vessel in study.vessels] for heart in _hearts(studies)]
    together = [[vessel] for vessel in hearts[0]] if len(studies) == 1 else hearts
    names = dict.fromkeys(vessel.vessel for heart in hearts for vessel in heart)
    single = {
        name: [[vessel for vessel in heart if vessel.vessel == name] for heart in hearts] for name in names
    }
    return {ALL: together, **single}


def _figures(units: Sequence[Sequence[VesselAccuracy]]) -> Figures:
    of_vessel = {metric.name: _interval(metric, units) for metric in (*CENTERLINE_METRICS, *QUALITY_METRICS)}
    rankings = [[vessel.ranking for vessel in unit] for unit in units]
    return of_vessel | {metric.name: _interval(metric, rankings) for metric in RANKING_METRICS}


def _interval(metric: Metric[T], units: Iterable[Sequence[T]]) -> Interval:
    add: Callable[[T], np.ndarray] = metric.summands
    summands = [np.sum([add(item) for item in unit], axis=0) for unit in units if unit]
    return bootstrap(np.stack(summands), metric.statistic)
