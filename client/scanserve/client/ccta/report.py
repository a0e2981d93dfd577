"""One self-contained ``report.html``: the answer on the first screen, the evidence below it."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment

from scanserve.client.ccta.result import Finding, Result, VesselPhase, VesselResult
from scanserve.client.ccta.style import VESSEL_STYLES
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.report import report_environment, stages_of

__all__ = ["render_report"]


def render_report(result: Result, figures: Sequence[RenderedFigure]) -> str:
    """The report as HTML text, images embedded, without any reference to the outside.

    Args:
        result: what was found.
        figures: in the order of the report; those whose ``part`` is a vessel go to that vessel's section.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(
        result=result,
        notice=result.notice,
        named={figure.name: figure for figure in figures},
        by_vessel={vessel.vessel: _of(figures, vessel.vessel) for vessel in result.vessels},
        warnings=_warnings(result),
        stages=stages_of(result.timing.spans),
        vessel_styles=VESSEL_STYLES,
    )


def _environment() -> Environment:
    environment = report_environment("scanserve.client.ccta")
    environment.filters.update(best_entry=_best_entry, entry=_entry)
    return environment


def _of(figures: Sequence[RenderedFigure], vessel: str) -> list[RenderedFigure]:
    return [figure for figure in figures if figure.part == vessel]


def _entry(vessel: VesselResult, phase: str) -> VesselPhase:
    return next(entry for entry in vessel.phases if entry.phase == phase)


def _best_entry(vessel: VesselResult) -> VesselPhase | None:
    return None if vessel.ranking.best is None else _entry(vessel, vessel.ranking.best)


def _warnings(result: Result) -> list[Finding]:
    """What a reader must know before believing the answer, most important first."""
    missing = [
        Finding(vessel.reason.code, f"{vessel.vessel}: {vessel.reason.message}")
        for vessel in result.vessels
        if not vessel.found and vessel.reason is not None
    ]
    return [*result.warnings, *missing]
