"""One vessel, straightened, in every phase."""

from __future__ import annotations

from matplotlib.patches import Rectangle

from scanserve.client.ccta.figures.order import sorted_phases
from scanserve.client.ccta.figures.strips import BAR_MM, ROW_MM, STRIP_MM, Strips, longest_mm
from scanserve.client.ccta.result import Result, VesselResult
from scanserve.client.ccta.style import vessel_style
from scanserve.client.ccta.views import Views
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.style import png_of

__all__ = ["vessel_figure"]


def vessel_figure(vessel: VesselResult, result: Result, views: Views) -> RenderedFigure:
    """A strip per phase, the best one in a frame of the vessel's colour."""
    phases = [phase.label for phase in sorted_phases(result)]
    best = vessel.ranking.best
    images = views.straightened.get(vessel.vessel, {})
    entries = {entry.phase: entry for entry in vessel.phases}
    strips = Strips.of(len(phases), longest_mm(vessel), result.notice)
    for row, phase in enumerate(phases):
        strips.draw_phase(row, entries[phase], images.get(phase))
    strips.name_rows([f"best  {phase}" if phase == best else phase for phase in phases])
    if best is not None:
        _mark_best(strips, phases.index(best), vessel_style(vessel.vessel).colour)
    return RenderedFigure(
        name=f"{vessel.vessel.lower()}_by_phase",
        title=f"{vessel.vessel} straightened, by phase",
        caption="Longitudinal cut of the straightened vessel, ostium at the left. The bar below each phase is the "
        "section's quality: bright is sharp, dark is blurred. The frame marks the best phase.",
        alt=f"{vessel.name} straightened in {len(phases)} phases; best phase {best}.",
        png=png_of(strips.figure),
        part=vessel.vessel,
    )


def _mark_best(strips: Strips, row: int, colour: str) -> None:
    strips.axes.get_yticklabels()[row].set_fontweight("bold")
    left, right = strips.axes.get_xlim()
    corner, height = (left, row * ROW_MM - 1.2), STRIP_MM + BAR_MM + 2.2
    strips.axes.add_patch(
        Rectangle(corner, right - left, height, fill=False, edgecolor=colour, linewidth=2.2, clip_on=False)
    )
