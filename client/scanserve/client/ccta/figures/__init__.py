"""The figures of one run, one module each, as PNG bytes.

Vessels have their colours (:mod:`~scanserve.client.ccta.style`), quality is cividis, which is safe for colour-blind
readers as well.  Lengths are in millimetres.
"""

from __future__ import annotations

from scanserve.client.ccta.figures.best_of_phases import best_of_phases_figure
from scanserve.client.ccta.figures.planes import planes_figure
from scanserve.client.ccta.figures.quality_by_phase import quality_figure
from scanserve.client.ccta.figures.vessel_by_phase import vessel_figure
from scanserve.client.ccta.result import Result
from scanserve.client.ccta.views import Views
from scanserve.client.runs.figure import RenderedFigure

__all__ = ["render_figures"]


def render_figures(result: Result, views: Views) -> list[RenderedFigure]:
    """Every figure of a run but its timeline, in the order of the report."""
    figures = [quality_figure(result)]
    figures += [vessel_figure(vessel, result, views) for vessel in result.vessels if vessel.found]
    if views.recombined:
        figures.append(best_of_phases_figure(result, views))
    if views.planes:
        figures.append(planes_figure(views, result.notice))
    return figures
