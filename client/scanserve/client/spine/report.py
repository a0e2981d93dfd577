"""One self-contained ``report.html``: the curves on the first screen, the evidence below."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.report import report_environment, stages_of
from scanserve.client.spine.result import Result

__all__ = ["render_report"]


def render_report(result: Result, figures: Sequence[RenderedFigure]) -> str:
    """The report as HTML text, images embedded, without any reference to the outside."""
    template = report_environment("scanserve.client.spine").get_template("report.html.j2")
    return template.render(
        result=result,
        notice=result.notice,
        named={figure.name: figure for figure in figures},
        warnings=result.warnings,
        stages=stages_of(result.timing.spans),
    )
