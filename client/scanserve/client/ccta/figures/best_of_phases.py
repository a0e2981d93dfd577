"""For each vessel the phase that ranks first, and below it the image in which better sections of others replace it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from scanserve.client.ccta.figures.strips import BAR_MM, ROW_MM, STRIP_MM, Strips, longest_mm
from scanserve.client.ccta.result import BestOfPhases, Result, VesselResult
from scanserve.client.ccta.style import vessel_style
from scanserve.client.ccta.views import Views
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.style import PT_LABEL, png_of

__all__ = ["best_of_phases_figure"]

#: Behind the name of a source, so that it can be read on any image.
_LABEL_BOX = {"boxstyle": "round,pad=0.15", "facecolor": "black", "alpha": 0.55, "edgecolor": "none"}


@dataclass(frozen=True)
class _Joined:
    """A vessel and its joined image, which vessels that were never found do not have."""

    vessel: VesselResult
    best: BestOfPhases


@dataclass(frozen=True)
class _Stretch:
    """A part of a joined image that comes from one phase."""

    start_mm: float
    end_mm: float
    phase: str


def best_of_phases_figure(result: Result, views: Views) -> RenderedFigure:
    """Two strips per vessel: the best phase and the joined image, with the phase that each part came from."""
    vessels = [
        _Joined(vessel, vessel.best_of_phases)
        for vessel in result.vessels
        if vessel.best_of_phases and vessel.vessel in views.recombined
    ]
    longest = max(longest_mm(joined.vessel) for joined in vessels)
    strips = Strips.of(2 * len(vessels), longest, result.notice)
    labels = []
    for number, joined in enumerate(vessels):
        name = joined.vessel.vessel
        _draw_best(strips, 2 * number, joined.vessel, views)
        _draw_joined(strips, 2 * number + 1, joined, views)
        labels += [f"{name}  {joined.vessel.ranking.best}", f"{name}  joined"]
    strips.name_rows(labels)
    return RenderedFigure(
        name="best_of_phases",
        title="Best of phases",
        caption="For each vessel: the phase that ranks first, and below it the same with parts of other phases where "
        "these are better by more than half a quality class, with the phase that each part came from. Phases are "
        "joined by distance from the ostium, without registration.",
        alt="; ".join(map(_alt, vessels)),
        png=png_of(strips.figure),
    )


def _draw_best(strips: Strips, row: int, vessel: VesselResult, views: Views) -> None:
    best = next(entry for entry in vessel.phases if entry.phase == vessel.ranking.best)
    strips.draw_phase(row, best, views.straightened[vessel.vessel].get(best.phase))


def _draw_joined(strips: Strips, row: int, joined: _Joined, views: Views) -> None:
    name = joined.vessel.vessel
    strips.draw_cut(row, views.recombined[name])
    for section in joined.best.sections:
        strips.draw_section(row, section.start_mm, section.end_mm, section.quality)
    for stretch in _stretches(joined.best):
        _draw_source(strips, row, stretch, vessel_style(name).colour)
    strips.say_beside(row, _seams(joined.best.switches))


def _draw_source(strips: Strips, row: int, stretch: _Stretch, colour: str) -> None:
    """The name of the phase in its stretch, and a line where it begins."""
    axes, top = strips.axes, row * ROW_MM
    if stretch.start_mm > 0:
        ends = [top - 0.8, top + STRIP_MM + BAR_MM + 0.8]
        axes.plot([stretch.start_mm, stretch.start_mm], ends, color=colour, linewidth=1.4)
    look: dict[str, Any] = {
        "ha": "center",
        "va": "top",
        "fontsize": PT_LABEL,
        "color": "white",
        "bbox": _LABEL_BOX,
    }
    axes.text((stretch.start_mm + stretch.end_mm) / 2, top + 1.0, stretch.phase, **look)


def _seams(count: int) -> str:
    return "one phase" if count == 0 else f"{count} seam{'s' if count > 1 else ''}"


def _stretches(joined: BestOfPhases) -> Iterator[_Stretch]:
    """Neighbouring sections of one phase, taken together."""
    for phase, group in groupby(joined.sections, key=attrgetter("phase")):
        sections = list(group)
        yield _Stretch(sections[0].start_mm, sections[-1].end_mm, phase)


def _alt(joined: _Joined) -> str:
    stretches = ", ".join(
        f"{stretch.start_mm:.0f} to {stretch.end_mm:.0f} mm from {stretch.phase}"
        for stretch in _stretches(joined.best)
    )
    return f"{joined.vessel.vessel}: {stretches}"
