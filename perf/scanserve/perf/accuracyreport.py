"""The output of a measurement of accuracy: JSON, a table and a plot, each with the targets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from scanserve.contracts import find_application
from scanserve.evaluation.application import Report
from scanserve.perf.results import machine, model_facts

__all__ = ["Measured", "Target", "TargetCheck", "write_accuracy"]


@dataclass(frozen=True)
class Target:
    """A lower or upper bound on a metric of a group of the evaluation."""

    group: str
    figure: str
    bound: float
    at_most: bool = False


@dataclass(frozen=True)
class TargetCheck:
    """A target and the measured metric with its interval; None if the metric is undefined."""

    target: Target
    value: float | None
    low: float | None
    high: float | None

    @property
    def kept(self) -> bool:
        """Whether the bound holds; never for an undefined metric."""
        if self.value is None:
            return False
        return self.value <= self.target.bound if self.target.at_most else self.value >= self.target.bound

    def __str__(self) -> str:
        aim = f"{'<=' if self.target.at_most else '>='} {self.target.bound:g}"
        word = "kept" if self.kept else "MISSED"
        return f"{self.target.figure} ({self.target.group}): {self._text()}, aim {aim}: {word}"

    def _text(self) -> str:
        if self.value is None:
            return "not defined"
        interval = "" if self.low is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}"


@dataclass(frozen=True)
class Measured:
    """A measurement: its studies, the reasons of failures, the report of the evaluation, and the ``command``."""

    application: str
    seeds: tuple[int, ...]
    described: str
    failures: Mapping[int, str]
    report: Report
    targets: tuple[Target, ...]
    command: str

    def checks(self) -> list[TargetCheck]:
        """All targets with the measured metrics."""
        figures = self.report.as_dict()["pooled"]["figures"]
        return [
            TargetCheck(target, **_interval(figures[target.group][target.figure])) for target in self.targets
        ]


def write_accuracy(out: Path, measured: Measured, repository: Path) -> None:
    """Write ``accuracy.json``, ``accuracy.md`` and ``accuracy.png`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    content = _content(measured, repository)
    (out / "accuracy.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (out / "accuracy.md").write_text(_text(measured, content), encoding="utf-8")
    _plot(measured, out / "accuracy.png")


def _interval(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figure[name] for name in ("value", "low", "high")}


def _content(measured: Measured, repository: Path) -> dict[str, Any]:
    from scanserve.server.repository import notice_on

    report = measured.report.as_dict()
    del report["studies"]  # the kept results hold the studies, which would be megabytes here
    specs = find_application(measured.application).models
    models = [spec.name for spec in specs if spec.kind != "ensemble"]
    return {
        "notice": notice_on(repository, specs),
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "models": {name: facts["sha256"] for name, facts in model_facts(repository, models).items()},
        "application": measured.application,
        "command": measured.command,
        "studies": measured.described,
        "seeds": list(measured.seeds),
        "failures": {str(seed): why for seed, why in measured.failures.items()},
        "targets": [{**asdict(check), "kept": check.kept} for check in measured.checks()],
        **report,
    }


def _text(measured: Measured, content: Mapping[str, Any]) -> str:
    first, last = measured.seeds[0], measured.seeds[-1]
    missed = sum(not check.kept for check in measured.checks())
    lines = [
        f"# Accuracy of {measured.application} on phantoms: "
        + (
            "every target is kept"
            if not missed
            else f"{missed} of {len(measured.targets)} targets are missed"
        ),
        "",
        f"Phantom studies: {len(measured.seeds)} (seeds {first} to {last}), each of {measured.described}; "
        f"measured {content['measured_at']} by `{measured.command}`.",
        "",
        *(f"- {check}" for check in measured.checks()),
    ]
    for table in measured.report.tables():
        lines += ["", *table.markdown()]
    lines += ["", *measured.report.notes()]
    lines += [f"Study {seed} has no result: {why}" for seed, why in measured.failures.items()]
    return "\n".join([*lines, "", content["notice"]]) + "\n"


def _plot(measured: Measured, path: Path) -> None:
    """Draw the metric of every target with its interval for each group, and the bound."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figures = measured.report.as_dict()["pooled"]["figures"]
    rows = [max(len(_groups(target.figure, figures)), 4) for target in measured.targets]
    height = 1.1 + sum(0.35 + 0.14 * count for count in rows)
    figure = Figure(figsize=(9, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(measured.targets), squeeze=False, height_ratios=rows)[:, 0]
    for axis, check in zip(axes, measured.checks(), strict=True):
        _plot_figure(axis, check, figures)
    figure.suptitle(
        f"{measured.application}: {len(measured.seeds)} phantom studies, lines: 95 % intervals, red: aim"
    )
    figure.savefig(path, dpi=110)


def _groups(name: str, figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The groups with this metric."""
    return [group for group in figures if figures[group].get(name, {}).get("value") is not None]


def _plot_figure(axis: Any, check: TargetCheck, figures: Mapping[str, Mapping[str, Any]]) -> None:
    name = check.target.figure
    groups = _groups(name, figures)
    for row, group in enumerate(groups):
        found = _interval(figures[group][name])
        if found["low"] is not None:
            axis.plot([found["low"], found["high"]], [row, row], color="tab:blue", linewidth=3, alpha=0.4)
        axis.plot(found["value"], row, "o", color="tab:blue")
    axis.axvline(check.target.bound, color="tab:red", linewidth=1)
    axis.set_yticks(range(len(groups)), groups, fontsize=7)
    axis.set_ylim(max(len(groups), 1) - 0.5, -0.5)
    axis.set_title(name, loc="left", fontsize=9)
    axis.tick_params(axis="x", labelsize=7)
