"""The metrics that are pooled over vessels and studies, each computed from sums over vessels or studies.

Means and shares are ratios of two sums; the kappa needs the sums of a confusion table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.evaluation.agreement import confusion, quadratic_kappa
from scanserve.evaluation.bootstrap import ratio
from scanserve.evaluation.ccta.phase import PhaseAccuracy
from scanserve.evaluation.ccta.study import VesselAccuracy
from scanserve.evaluation.ranking import RankingAccuracy
from scanserve.geometry.types import Array

__all__ = ["CENTERLINE_METRICS", "QUALITY_METRICS", "RANKING_METRICS", "Metric"]

T = TypeVar("T")
_CLASSES = len(QUALITY_CLASSES)


@dataclass(frozen=True)
class Metric(Generic[T]):
    """A metric: ``summands`` (F,) of each item, and the ``statistic`` (...) of their sums (..., F)."""

    name: str
    label: str
    summands: Callable[[T], Array]
    statistic: Callable[[Array], Array]


def _mean(name: str, label: str, values: Callable[[T], Iterable[float | None]]) -> Metric[T]:
    """The mean of all values of all items except None."""

    def summands(item: T) -> Array:
        given = [float(value) for value in values(item) if value is not None]
        return np.array([sum(given), len(given)])

    return Metric(name, label, summands, ratio)


def _phases(name: str, label: str, value: Callable[[PhaseAccuracy], float | None]) -> Metric[VesselAccuracy]:
    """The mean over all phases of the vessels."""
    return _mean(name, label, lambda vessel: map(value, vessel.phases))


def _share(
    name: str, label: str, part: Callable[[PhaseAccuracy], float], whole: Callable[[PhaseAccuracy], float]
) -> Metric[VesselAccuracy]:
    """The ratio of two sums over all phases of the vessels."""

    def summands(vessel: VesselAccuracy) -> Array:
        return np.array([[part(phase), whole(phase)] for phase in vessel.phases], np.float64).sum(axis=0)

    return Metric(name, label, summands, ratio)


def _confusion(vessel: VesselAccuracy) -> Array:
    scored = [phase for phase in vessel.phases if phase.found_class is not None]
    pairs = [(phase.true_class, phase.found_class) for phase in scored]
    truth, found = zip(*pairs, strict=True) if pairs else ((), ())
    return confusion(truth, found, _CLASSES).ravel().astype(np.float64)


def _kappa(sums: Array) -> Array:
    sums = np.asarray(sums)
    return quadratic_kappa(sums.reshape(*sums.shape[:-1], _CLASSES, _CLASSES))


#: Metrics of a vessel in a phase; a vessel without a tree has an overlap of 0 and no distance.
CENTERLINE_METRICS: tuple[Metric[VesselAccuracy], ...] = (
    _phases("detected", "detected", lambda phase: phase.detected),
    _phases("ov", "OV", lambda phase: phase.centerline.ov),
    _phases("of", "OF", lambda phase: phase.centerline.of),
    _phases("of_beyond_5mm", "OF beyond 5 mm", lambda phase: phase.centerline.of_beyond_5mm),
    _phases("ot", "OT", lambda phase: phase.centerline.ot),
    _phases("ai_mm", "AI, mm", lambda phase: phase.centerline.ai_mm),
    _share(
        "branch_recall",
        "side branches found",
        lambda phase: phase.tree.branches_found,
        lambda phase: phase.tree.branches_counted,
    ),
    _share(
        "length_recall",
        "tree length found",
        lambda phase: phase.tree.covered_mm,
        lambda phase: phase.tree.true_mm,
    ),
    _share(
        "false_share",
        "false length, share",
        lambda phase: phase.tree.false_mm,
        lambda phase: phase.tree.found_mm,
    ),
    _phases("false_mm", "false length, mm", lambda phase: phase.tree.false_mm),
    _phases("other_vessel_mm", "on another vessel, mm", lambda phase: phase.tree.other_vessel_mm),
)

#: Metrics of a ranking, of one vessel or overall.
RANKING_METRICS: tuple[Metric[RankingAccuracy], ...] = (
    _mean("top1", "best phase first", lambda ranking: [ranking.top1]),
    _mean("top2", "best phase in first two", lambda ranking: [ranking.top2]),
    _mean("near", "first within 0.1 mm of best", lambda ranking: [ranking.near]),
    _mean("excess_blur_mm", "excess blur, mm", lambda ranking: [ranking.excess_blur_mm]),
    _mean("spearman", "Spearman's rho", lambda ranking: [ranking.spearman]),
    _mean("kendall", "Kendall's tau-b", lambda ranking: [ranking.kendall]),
)

#: Metrics of the quality of a vessel over its phases; the class of an unscored vessel counts as wrong.
QUALITY_METRICS: tuple[Metric[VesselAccuracy], ...] = (
    Metric("class_kappa", "quality class, kappa", _confusion, _kappa),
    _phases("class_right", "quality class right", lambda phase: phase.found_class == phase.true_class),
    _mean("section_correlation", "section quality, rho", lambda vessel: [vessel.section_correlation]),
)
