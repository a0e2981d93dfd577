"""All studies together: figures per method with intervals, and whether methods differ.

Symbols: U studies with a result of the method, K methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scanserve.evaluation.agreement import confusion, quadratic_kappa
from scanserve.evaluation.bootstrap import Interval, bootstrap
from scanserve.evaluation.dat.binding import GRADES
from scanserve.evaluation.dat.study import UNPROCESSED, MethodAccuracy, StudyAccuracy
from scanserve.evaluation.line import Array
from scanserve.evaluation.posthoc import Comparison, Friedman, dunn, friedman

__all__ = ["COMPARED", "Pooled", "Ranked", "pool"]

#: The figures in which methods are compared by ranks.
COMPARED = ("psnr", "ssim")
_K = len(GRADES)
_Unit = tuple[StudyAccuracy, MethodAccuracy]


@dataclass(frozen=True)
class Ranked:
    """Friedman's test over ``methods`` in one figure, and every pair of them."""

    methods: tuple[str, ...]
    friedman: Friedman | None
    pairs: tuple[Comparison, ...]


@dataclass(frozen=True)
class Pooled:
    """Figures by method, standard deviations over studies of those that are means, tests by figure, and counts."""

    titles: Mapping[str, str]
    figures: Mapping[str, Mapping[str, Interval]]
    deviations: Mapping[str, Mapping[str, float | None]]
    tests: Mapping[str, Ranked]
    studies: int
    without_result: tuple[str, ...]
    not_graded: Mapping[str, int]


def pool(studies: Sequence[StudyAccuracy]) -> Pooled:
    """Pool studies; figures of a method rest on the studies that have a result of it."""
    titles = {one.method: one.title for study in studies for one in study.methods.values()}
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
        not_graded={name: sum(one.grade is None for _, one in found) for name, found in units.items()},
    )


def _figures(units: Sequence[_Unit]) -> dict[str, Interval]:
    return {
        "psnr": _mean(units, lambda study, one: one.psnr),
        "psnr_gain_db": _mean(units, lambda study, one: one.psnr - study.methods[UNPROCESSED].psnr),
        "ssim": _mean(units, lambda study, one: one.ssim),
        "sbr_moved_share": _share(units, lambda one: one.smoothed + one.enhanced),
        "sbr_smoothed_share": _share(units, lambda one: one.smoothed),
        "sbr_enhanced_share": _share(units, lambda one: one.enhanced),
        "sbr_bias": _mean(units, lambda study, one: _finite_mean(one.binding - study.reference_binding)),
        "grade_kappa": _kappa(units, lambda study: study.true_grade),
        "grade_kappa_reference": _kappa(units, lambda study: study.reference_grade),
    }


def _deviations(units: Sequence[_Unit]) -> dict[str, float | None]:
    """Sample standard deviations over studies."""
    found = {name: np.array([getattr(one, name) for _, one in units]) for name in COMPARED}
    return {name: _deviation(values[np.isfinite(values)]) for name, values in found.items()}


def _deviation(values: Array) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _mean(units: Sequence[_Unit], of: Callable[[StudyAccuracy, MethodAccuracy], float]) -> Interval:
    values = np.array([of(*unit) for unit in units])
    values = values[np.isfinite(values)]
    if not len(values):
        return Interval(None, None, None)
    return bootstrap(np.column_stack([values, np.ones(len(values))]), _ratio)


def _share(units: Sequence[_Unit], of: Callable[[MethodAccuracy], int]) -> Interval:
    return bootstrap([[of(one), one.measured] for _, one in units], _ratio)


def _kappa(units: Sequence[_Unit], of: Callable[[StudyAccuracy], int | None]) -> Interval:
    """Quadratic weighted kappa with a grade of the study; what was not graded on either side is left out."""
    pairs = [(of(study), one.grade) for study, one in units]
    tables = [
        confusion([true], [found], _K).ravel()
        for true, found in pairs
        if true is not None and found is not None
    ]
    if not tables:
        return Interval(None, None, None)
    return bootstrap(tables, lambda sums: quadratic_kappa(sums.reshape(*sums.shape[:-1], _K, _K)))


def _ranked(studies: Sequence[StudyAccuracy], methods: tuple[str, ...], figure: str) -> Ranked:
    """Of the studies that have a result of every method."""
    whole = [study for study in studies if all(name in study.methods for name in methods)]
    values = np.array([[getattr(study.methods[name], figure) for name in methods] for study in whole])
    if len(whole) < 2 or len(methods) < 3:
        return Ranked(methods, None, ())
    return Ranked(methods, friedman(values), tuple(dunn(values)))


def _ratio(sums: Array) -> Array:
    return np.divide(
        sums[..., 0], sums[..., 1], out=np.full(np.shape(sums[..., 0]), np.nan), where=sums[..., 1] > 0
    )


def _finite_mean(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")
