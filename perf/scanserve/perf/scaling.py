"""How time and memory grow with the work: measured, fitted by power laws, drawn; ``scanserve perf scaling``.

The applications define what grows: ``scanserve.perf.<application>`` may have ``SCALINGS``, a mapping from the name of
an axis to a function of a scratch folder that yields points.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from scanserve.contracts import InputError, parts
from scanserve.perf.results import machine

__all__ = ["PowerLaw", "ScalePoint", "Scaling", "fit", "run_scaling"]

#: The lower end of the interval of an exponent above which growth is called worse than linear.
LINEAR = 1.05
_CONFIDENCE = 0.95
#: A straight line through fewer points has no interval.
_LEAST_POINTS = 3
_COLUMNS = 6


@dataclass(frozen=True)
class ScalePoint:
    """One measurement: ``value`` (in ``unit``) of ``quantity`` at ``size`` of ``axis``, such as 64 slices."""

    axis: str
    quantity: str
    unit: str
    size: float
    value: float


#: Yields points, which it measures in a folder that is deleted afterwards.
Scaling = Callable[[Path], Iterable[ScalePoint]]


@dataclass(frozen=True)
class PowerLaw:
    """``value = factor * size ** exponent``, with the 95 % interval of the exponent.

    A constant part, such as the start of a program, makes the exponent smaller than that of what grows.
    """

    factor: float
    exponent: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """What the interval says."""
        if self.low > LINEAR:
            return "WORSE than linear"
        return "linear at most" if self.high <= LINEAR else "not told from linear"

    def __call__(self, size: float) -> float:
        """The value of the law at ``size``."""
        return self.factor * size**self.exponent


def fit(points: Sequence[ScalePoint]) -> PowerLaw:
    """The law of least squares of the logarithms; the interval is Student's.

    Raises:
        ValueError: there are fewer than three points, or one size only.

    Example:
        >>> law = fit([ScalePoint("slices", "time", "s", size, 2 * size) for size in (1, 2, 4, 8)])
        >>> round(law.exponent, 6), law.verdict
        (1.0, 'linear at most')
    """
    from scipy import stats

    if len(points) < _LEAST_POINTS or len({point.size for point in points}) < 2:
        raise ValueError(f"expected at least {_LEAST_POINTS} points of several sizes but found {len(points)}")
    x, y = (np.log([getattr(point, name) for point in points]) for name in ("size", "value"))
    slope, intercept = np.polyfit(x, y, 1)
    freedom = len(points) - 2
    spread = np.sum((y - slope * x - intercept) ** 2) / freedom
    half = stats.t.ppf((1 + _CONFIDENCE) / 2, freedom) * math.sqrt(spread / np.sum((x - x.mean()) ** 2))
    return PowerLaw(math.exp(intercept), slope, slope - half, slope + half)


def run_scaling(application: str, out: Path, only: Sequence[str] | None = None) -> Iterator[str]:
    """Measure along every axis of ``application``; yield a line per fitted quantity.

    When all are done, ``scaling.json``, ``scaling.md`` and ``scaling.png`` are written into ``out``.

    Raises:
        InputError: code ``unknown-application`` or ``unknown-benchmark``.
    """
    known: Mapping[str, Scaling] = getattr(parts("perf").get(application), "SCALINGS", {})
    if not known:
        raise InputError("unknown-application", f"{application!r} has nothing whose growth is measured.")
    for name in only or ():
        if name not in known:
            raise InputError(
                "unknown-benchmark", f"there is no axis {name!r}; expected one of {', '.join(known)}."
            )
    before, laws = machine(), list[tuple[list[ScalePoint], PowerLaw]]()
    for name in only or known:
        with tempfile.TemporaryDirectory(prefix="scanserve-scaling-") as scratch:
            points = list(known[name](Path(scratch)))
        for series in _series(points):
            laws.append((series, fit(series)))
            yield _line(*laws[-1])
    _write(out, before, laws)


def _series(points: Iterable[ScalePoint]) -> list[list[ScalePoint]]:
    found: dict[tuple[str, str], list[ScalePoint]] = {}
    for point in points:
        found.setdefault((point.axis, point.quantity), []).append(point)
    return list(found.values())


def _line(points: Sequence[ScalePoint], law: PowerLaw) -> str:
    first = points[0]
    return f"{first.quantity} by {first.axis}: exponent {_interval(law)}, {law.verdict}"


def _interval(law: PowerLaw) -> str:
    middle, low, high = (round(value, 2) + 0.0 for value in (law.exponent, law.low, law.high))  # no -0.00
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _write(
    out: Path, before: Mapping[str, object], laws: Sequence[tuple[list[ScalePoint], PowerLaw]]
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = [
        {**asdict(law), "verdict": law.verdict, "points": [asdict(point) for point in points]}
        for points, law in laws
    ]
    (out / "scaling.json").write_text(
        json.dumps({"machine": before, "rows": rows}, indent=1) + "\n", encoding="utf-8"
    )
    head = (
        f"On {before['processor']}, {before['cores']} cores; load before the run {before['load_before']}.\n"
    )
    (out / "scaling.md").write_text(f"{head}\n{_table(laws)}", encoding="utf-8")
    _draw(laws, out / "scaling.png")


def _table(laws: Sequence[tuple[list[ScalePoint], PowerLaw]]) -> str:
    head = "| grows with | what | smallest | largest | exponent (95 % interval) | |"
    return "\n".join([head, "| --- " * _COLUMNS + "|", *(_cells(*law) for law in laws)]) + "\n"


def _cells(points: Sequence[ScalePoint], law: PowerLaw) -> str:
    ends = (min(points, key=lambda point: point.size), max(points, key=lambda point: point.size))
    small, large = (f"{law(point.size):.3g} {point.unit} at {point.size:g}" for point in ends)
    return (
        f"| {points[0].axis} | {points[0].quantity} | {small} | {large} | {_interval(law)} | {law.verdict} |"
    )


def _draw(laws: Sequence[tuple[list[ScalePoint], PowerLaw]], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    axes = list(dict.fromkeys((points[0].axis, points[0].unit) for points, _ in laws))
    columns = min(len(axes), 4)
    lines = math.ceil(len(axes) / columns)
    figure = Figure(figsize=(3.4 * columns, 3.2 * lines), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    for (name, unit), axis in zip(axes, grid, strict=False):
        for points, law in laws:
            if (points[0].axis, points[0].unit) == (name, unit):
                sizes = sorted({point.size for point in points})
                (dots,) = axis.plot(
                    [point.size for point in points], [point.value for point in points], "o", ms=3
                )
                label = f"{points[0].quantity}: {law.exponent:.2f}"
                axis.plot(sizes, [law(size) for size in sizes], color=dots.get_color(), label=label)
        axis.set(xscale="log", yscale="log", xlabel=name, ylabel=unit)
        axis.set_xticks(sizes, [f"{size:g}" for size in sizes])
        axis.set_xticks([], minor=True)
        low, high = axis.get_ylim()
        axis.set_ylim(low / 4, high * 4)  # more than a decade: what hardly changes is to look so
        axis.yaxis.set_minor_formatter("")
        axis.legend(fontsize=7)
    for axis in grid[len(axes) :]:
        axis.remove()
    figure.savefig(path, dpi=110)
