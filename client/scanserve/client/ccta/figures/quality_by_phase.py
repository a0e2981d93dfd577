"""The quality of every vessel over the phases; below it how far the vessels travel, where that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes

from scanserve.client.ccta.figures.order import sorted_phases
from scanserve.client.ccta.result import PhaseInfo, Result, VesselPhase, VesselResult
from scanserve.client.ccta.style import vessel_style
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.style import new_figure, png_of
from scanserve.contracts.ccta import QUALITY_CLASSES

__all__ = ["quality_figure"]

_CLASS_LINE = "#d5d9de"


def quality_figure(result: Result) -> RenderedFigure:
    """One line per vessel; the large marker is its best phase."""
    phases = sorted_phases(result)
    travels = any(entry.travel_mm is not None for vessel in result.vessels for entry in vessel.phases)
    figure = new_figure(9.5, 6.2 if travels else 3.9, result.notice)
    axes = figure.add_axes((0.175, 0.47, 0.725, 0.49) if travels else (0.175, 0.21, 0.725, 0.74))
    if travels:
        _draw_travels(figure.add_axes((0.175, 0.13, 0.725, 0.25)), result.vessels, phases)
    _draw_qualities(axes, result.vessels, phases)
    axes.set_xlabel("" if travels else "cardiac phase")
    below = " Below: how far its centerline travels to the neighbouring phases." if travels else ""
    return RenderedFigure(
        name="quality_by_phase",
        title="Quality by phase",
        caption="Weighted motion quality of each vessel in each phase; the large marker is the best phase."
        + below,
        alt="; ".join(_alt(vessel, phases) for vessel in result.vessels),
        png=png_of(figure),
    )


def _draw_qualities(axes: Axes, vessels: Sequence[VesselResult], phases: Sequence[PhaseInfo]) -> None:
    for item in QUALITY_CLASSES:
        axes.axhline(item.weight, color=_CLASS_LINE, linewidth=0.8, zorder=0)
    for vessel in vessels:
        _draw_by_phase(axes, vessel, phases, _quality_of)
    _name_phases(axes, phases)
    axes.set_ylim(-0.04, 1.04)
    names = [f"{item.name} ({item.weight:.2f})" for item in QUALITY_CLASSES]
    axes.set_yticks([item.weight for item in QUALITY_CLASSES], names)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


def _draw_travels(axes: Axes, vessels: Sequence[VesselResult], phases: Sequence[PhaseInfo]) -> None:
    """How far each vessel moves around each phase; rest is at the top, as good quality is above."""
    for vessel in vessels:
        _draw_by_phase(axes, vessel, phases, _travel_of)
    _name_phases(axes, phases)
    axes.set_ylim(bottom=0)
    axes.invert_yaxis()
    axes.set_ylabel("travel, mm per\n10 % of R-R")
    axes.set_xlabel("cardiac phase")


def _name_phases(axes: Axes, phases: Sequence[PhaseInfo]) -> None:
    axes.set_xticks(range(len(phases)), [phase.label for phase in phases])
    axes.set_xlim(-0.4, len(phases) - 0.6 if len(phases) > 1 else 0.4)


def _draw_by_phase(
    axes: Axes, vessel: VesselResult, phases: Sequence[PhaseInfo], value: Callable[[VesselPhase], float]
) -> None:
    """A line over the phases; the large marker is the best phase."""
    by_phase = {entry.phase: value(entry) for entry in vessel.phases}
    labels = [phase.label for phase in phases]
    values = [by_phase[label] for label in labels]
    style = vessel_style(vessel.vessel)
    look: dict[str, Any] = {"color": style.colour, "marker": style.marker}
    axes.plot(values, label=vessel.vessel, linewidth=1.8, markersize=5, **look)
    if vessel.ranking.best is not None:
        index = labels.index(vessel.ranking.best)
        axes.plot([index], [values[index]], markersize=12, markeredgecolor="white", zorder=5, **look)


def _travel_of(entry: VesselPhase) -> float:
    return float("nan") if entry.travel_mm is None else entry.travel_mm


def _quality_of(entry: VesselPhase) -> float:
    return float("nan") if entry.quality is None else entry.quality.quality


def _alt(vessel: VesselResult, phases: Sequence[PhaseInfo]) -> str:
    by_phase = {entry.phase: entry for entry in vessel.phases}
    scored = [(phase.label, by_phase[phase.label].quality) for phase in phases]
    values = ", ".join(f"{label} {quality.quality:.2f}" for label, quality in scored if quality)
    return f"{vessel.vessel}: {values or 'not found'}"
