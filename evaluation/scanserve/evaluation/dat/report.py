"""The report on one or more studies, as JSON and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scanserve.contracts.dat import DENOISE
from scanserve.evaluation.application import Table
from scanserve.evaluation.bootstrap import LEVEL, RESAMPLES, SEED
from scanserve.evaluation.dat.binding import BOUND, CAUDATE_LOST, GRADES, LEAST_PIXELS, PUTAMEN_LOST
from scanserve.evaluation.dat.likeness import DATA_RANGE
from scanserve.evaluation.dat.pool import COMPARED, Pooled, Ranked
from scanserve.evaluation.dat.published import PUBLISHED
from scanserve.evaluation.dat.study import MethodAccuracy, StudyAccuracy
from scanserve.geometry.types import Array

__all__ = ["DatReport"]

#: Metrics of the second table and the titles of their columns.
BINDING_COLUMNS = {
    "sbr_smoothed_share": "smoothed",
    "sbr_enhanced_share": "enhanced",
    "sbr_bias": "SBR - that of 25 min",
    "grade_kappa": "kappa, true grade",
    "grade_kappa_reference": "kappa, grade of 25 min",
}


@dataclass(frozen=True)
class DatReport:
    """Every study and the pooled metrics."""

    studies: tuple[StudyAccuracy, ...]
    pooled: Pooled

    def as_dict(self) -> dict[str, Any]:
        """The whole report, with the settings that the metrics depend on."""
        return {
            "settings": self._settings(),
            "pooled": self._pooled(),
            "published_on_other_data": [asdict(row) for row in PUBLISHED],
            "studies": [*map(_study, self.studies)],
        }

    def tables(self) -> Sequence[Table]:
        """Similarity beside the published values, binding and grade, and the methods that differ from the default."""
        return (self._likeness(), self._binding(), *self._tests())

    def notes(self) -> Sequence[str]:
        """Misses, tests, and the meaning of the metrics."""
        pooled = self.pooled
        lines = [
            f"Studies: {pooled.studies}; without a result, left out of all figures: "
            f"{len(pooled.without_result)}{_names(pooled.without_result)}.",
            *(_friedman(figure, test) for figure, test in pooled.tests.items()),
            f"PSNR and SSIM are against the 25-minute image, range {DATA_RANGE:g}: mean over five slices, then mean "
            "and standard deviation over studies.",
            "The published columns are from other data (clinical studies of one hospital, real noise): compare methods "
            "within a column, but not across columns.",
            f"Moved: structures (two caudates, two putamina) whose ratio to background differs from that before by "
            f"more than {BOUND:.0%}: smoothed where it fell, enhanced where it rose.",
            f"In brackets: {LEVEL:.0%} percentile bootstrap over studies.",
        ]
        not_graded = {name: count for name, count in pooled.not_graded.items() if count}
        if not_graded:
            counts = ", ".join(f"{pooled.titles[name]} {count}" for name, count in not_graded.items())
            lines.append(f"Not graded, because the slices miss a structure: {counts}.")
        return lines

    def _settings(self) -> dict[str, Any]:
        return {
            "data_range": DATA_RANGE,
            "binding_bound": BOUND,
            "least_pixels": LEAST_PIXELS,
            "putamen_lost_below": PUTAMEN_LOST,
            "caudate_lost_below": CAUDATE_LOST,
            "grades": list(GRADES),
            "interval": {"level": LEVEL, "resamples": RESAMPLES, "seed": SEED},
        }

    def _pooled(self) -> dict[str, Any]:
        pooled = self.pooled
        return {
            "studies": pooled.studies,
            "without_result": list(pooled.without_result),
            "not_graded": dict(pooled.not_graded),
            "titles": dict(pooled.titles),
            "figures": {
                method: {name: asdict(value) for name, value in figures.items()}
                for method, figures in pooled.figures.items()
            },
            "standard_deviations": {method: dict(found) for method, found in pooled.deviations.items()},
            "tests": {figure: asdict(test) for figure, test in pooled.tests.items()},
        }

    def _likeness(self) -> Table:
        published = {row.method: row for row in PUBLISHED}
        rows = []
        for method, title in self.pooled.titles.items():
            figures, other = self.pooled.figures[method], published.get(method)
            cells = (
                title,
                self._with_deviation(method, "psnr", 2),
                self._with_deviation(method, "ssim", 3),
                figures["psnr_gain_db"].text(2),
                f"{other.psnr:.2f}" if other else "",
                f"{other.ssim:.3f}" if other else "",
            )
            rows.append(cells)
        columns = (
            "",
            "PSNR, dB",
            "SSIM",
            "gain, dB",
            "PSNR, published, OTHER DATA",
            "SSIM, published, OTHER DATA",
        )
        return Table("Likeness to 25 minutes (phantoms)", columns, tuple(rows))

    def _binding(self) -> Table:
        figures = self.pooled.figures
        rows = [
            (title, *(figures[method][name].text(2) for name in BINDING_COLUMNS))
            for method, title in self.pooled.titles.items()
        ]
        columns = ("", *BINDING_COLUMNS.values())
        return Table("Striatal binding ratio and grade (phantoms)", columns, tuple(rows))

    def _tests(self) -> list[Table]:
        tests = self.pooled.tests
        if not all(figure in tests and tests[figure].pairs for figure in COMPARED):
            return []
        methods = tests[COMPARED[0]].methods
        if DENOISE not in methods:
            return []
        own = methods.index(DENOISE)
        rows = [
            (self.pooled.titles[other], *(_pair(tests[figure], own, number) for figure in COMPARED))
            for number, other in enumerate(methods)
            if number != own
        ]
        title = f"Dunn's test against {self.pooled.titles[DENOISE]}: z (p after Holm, all pairs)"
        return [Table(title, ("", "PSNR", "SSIM"), tuple(rows))]

    def _with_deviation(self, method: str, figure: str, digits: int) -> str:
        value, deviation = (
            self.pooled.figures[method][figure].value,
            self.pooled.deviations[method][figure],
        )
        if value is None:
            return "-"
        return f"{value:.{digits}f}" + ("" if deviation is None else f" ± {deviation:.{digits}f}")


def _pair(test: Ranked, own: int, other: int) -> str:
    """z of the own method against the other: positive if the own has higher ranks."""
    found = next(pair for pair in test.pairs if {pair.first, pair.second} == {own, other})
    z = found.z if found.first == own else -found.z
    return f"{z:+.2f} ({_p(found.p_holm)})"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _friedman(figure: str, test: Ranked) -> str:
    if test.friedman is None:
        return f"Friedman's test, {figure.upper()}: not defined (it needs three methods and two studies)."
    found = test.friedman
    return (
        f"Friedman's test, {figure.upper()}: chi-square {found.chi_square:.1f} with {len(test.methods) - 1} degrees of "
        f"freedom, {_p(found.p)}, {found.subjects} studies."
    )


def _names(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def _study(study: StudyAccuracy) -> dict[str, Any]:
    return {
        "name": study.name,
        "true_grade": study.true_grade,
        "reference_grade": study.reference_grade,
        "reference_binding": _numbers(study.reference_binding),
        "methods": {name: _method(method) for name, method in study.methods.items()},
    }


def _method(method: MethodAccuracy) -> dict[str, Any]:
    return {
        "psnr": method.psnr if np.isfinite(method.psnr) else None,
        "ssim": method.ssim,
        "binding": _numbers(method.binding),
        "change": _numbers(method.change),
        "grade": method.grade,
    }


def _numbers(values: Array) -> list[float | None]:
    return [round(value, 5) if np.isfinite(value) else None for value in values.tolist()]
