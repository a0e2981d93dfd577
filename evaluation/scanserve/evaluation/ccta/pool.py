"""The figures of many studies together, with bootstrap intervals.

The unit that is resampled is the study: vessels and phases of one patient are not independent.  Of a single
study there is nothing to resample but its vessels; the interval then says how vessels of this patient differ,
not how patients do.
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
#: The groups beside the single vessels: all vessels, and the ranking for all of them together.
ALL, OVERALL = "all", "overall"

Figures = dict[str, Interval]


@dataclass(frozen=True)
class Counts:
    """What the figures of a group rest on: vessels (once per study), each in every phase of the truth.

    ``missed`` counts vessels in phases without a tree, by why; ``unscored`` those without a quality,
    ``unranked`` the vessels (once per study) without any phase in a place.  ``side_branches`` are those of all
    phases; ``side_branches_not_counted`` of them run too close to others to be distinguished from them.
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
        """Count."""
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
    """Figures by group (all vessels, every vessel, the overall ranking) and name; ``unit`` is what is resampled."""

    studies: int
    unit: Literal["study", "vessel"]
    counts: dict[str, Counts]
    figures: dict[str, Figures]


def pool(studies: Sequence[StudyAccuracy]) -> Pooled:
    """Pool one or more studies."""
    groups = _groups(studies)
    figures = {name: _figures(units) for name, units in groups.items()}
    figures[OVERALL] = {
        metric.name: _interval(metric, [[study.overall] for study in studies]) for metric in RANKING_METRICS
    }
    counts = {
        name: Counts.of([vessel for unit in units for vessel in unit]) for name, units in groups.items()
    }
    return Pooled(len(studies), "study" if len(studies) > 1 else "vessel", counts, figures)


def _groups(studies: Sequence[StudyAccuracy]) -> dict[str, list[list[VesselAccuracy]]]:
    """Of each group the units, and of each unit its vessels."""
    together = [list(study.vessels) for study in studies]
    if len(together) == 1:
        together = [[vessel] for vessel in together[0]]
    names = dict.fromkeys(vessel.vessel for study in studies for vessel in study.vessels)
    single = {
        name: [[vessel for vessel in study.vessels if vessel.vessel == name] for study in studies]
        for name in names
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
