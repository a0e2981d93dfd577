"""Metrics pooled over studies, per method with intervals, and tests for differences between methods.

Symbols: U studies with a result of the method, K methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scanserve.evaluation.agreement import confusion, quadratic_kappa
from scanserve.evaluation.bootstrap import Interval, bootstrap, ratio
from scanserve.evaluation.dat.binding import GRADES
from scanserve.evaluation.dat.study import UNPROCESSED, MethodAccuracy, StudyAccuracy
from scanserve.evaluation.posthoc import Comparison, Friedman, dunn, friedman
from scanserve.geometry.types import Array

__all__ = ["COMPARED", "Pooled", "Ranked", "pool"]

#: The metrics by which methods are ranked and compared.
COMPARED = ("psnr", "ssim")
_K = len(GRADES)
_Unit = tuple[StudyAccuracy, MethodAccuracy]


@dataclass(frozen=True)
class Ranked:
    """Friedman's test over ``methods`` in one metric, and the comparison of every pair."""

    methods: tuple[str, ...]
    friedman: Friedman | None
    pairs: tuple[Comparison, ...]


@dataclass(frozen=True)
class Pooled:
    """Metrics by method, standard deviations over studies of the means, tests by metric, and counts."""

    titles: Mapping[str, str]
    figures: Mapping[str, Mapping[str, Interval]]
    deviations: Mapping[str, Mapping[str, float | None]]
    tests: Mapping[str, Ranked]
    studies: int
    without_result: tuple[str, ...]
    not_graded: Mapping[str, int]


def pool(studies: Sequence[StudyAccuracy]) -> Pooled:
    """Pool studies; the metrics of a method include the studies that have a result of it."""
    titles = {method.method: method.title for study in studies for method in study.methods.values()}
    units = {
        name: [(study, study.methods[name]) for study in studies if name in study.methods] for name in titles
    }
    return Pooled(
        titles=titles,
        figures={name: _figures(found) for name, found in units.items()},
        deviations={name: _deviations(found) for name, found in units.items()},
        tests={figure: _ranked(studies, tuple(titles), figure) for figure in COMPARED} if titles else {},
        studies=len(studies),
        without_result=tuple(study.name for study in studies if not study.methods),
        not_graded={name: sum(method.grade is None for _, method in found) for name, found in units.items()},
    )


def _figures(units: Sequence[_Unit]) -> dict[str, Interval]:
    return {
        "psnr": _mean(units, lambda study, method: method.psnr),
        "psnr_gain_db": _mean(units, lambda study, method: method.psnr - study.methods[UNPROCESSED].psnr),
        "ssim": _mean(units, lambda study, method: method.ssim),
        "sbr_moved_share": _share(units, lambda method: method.smoothed + method.enhanced),
        "sbr_smoothed_share": _share(units, lambda method: method.smoothed),
        "sbr_enhanced_share": _share(units, lambda method: method.enhanced),
        "sbr_bias": _mean(
            units, lambda study, method: _finite_mean(method.binding - study.reference_binding)
        ),
        "grade_kappa": _kappa(units, lambda study: study.true_grade),
        "grade_kappa_reference": _kappa(units, lambda study: study.reference_grade),
    }


def _deviations(units: Sequence[_Unit]) -> dict[str, float | None]:
    """Sample standard deviations over studies."""
    found = {name: np.array([getattr(method, name) for _, method in units]) for name in COMPARED}
    return {name: _deviation(values[np.isfinite(values)]) for name, values in found.items()}


def _deviation(values: Array) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _mean(units: Sequence[_Unit], of: Callable[[StudyAccuracy, MethodAccuracy], float]) -> Interval:
    values = np.array([of(*unit) for unit in units])
    values = values[np.isfinite(values)]
    if not len(values):
        return Interval(None, None, None)
    return bootstrap(np.column_stack([values, np.ones(len(values))]), ratio)


def _share(units: Sequence[_Unit], of: Callable[[MethodAccuracy], int]) -> Interval:
    return bootstrap([[of(method), method.measured] for _, method in units], ratio)


def _kappa(units: Sequence[_Unit], of: Callable[[StudyAccuracy], int | None]) -> Interval:
    """Quadratic weighted kappa with a grade of the study, over the studies graded on both sides."""
    pairs = [(of(study), method.grade) for study, method in units]
    tables = [
        confusion([true], [found], _K).ravel()
        for true, found in pairs
        if true is not None and found is not None
    ]
    if not tables:
        return Interval(None, None, None)
    return bootstrap(tables, lambda sums: quadratic_kappa(sums.reshape(*sums.shape[:-1], _K, _K)))


def _ranked(studies: Sequence[StudyAccuracy], methods: tuple[str, ...], figure: str) -> Ranked:
    """Compare the methods in the studies that have a result of every method."""
    whole = [study for study in studies if all(name in study.methods for name in methods)]
    values = np.array([[getattr(study.methods[name], figure) for name in methods] for study in whole])
    if len(whole) < 2 or len(methods) < 3:
        return Ranked(methods, None, ())
    return Ranked(methods, friedman(values), tuple(dunn(values)))


def _finite_mean(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")
