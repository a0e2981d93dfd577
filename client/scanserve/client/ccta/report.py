"""One self-contained ``report.html``: the answer on the first screen, the evidence below it."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from scanserve.client.ccta.figures import RenderedFigure
from scanserve.client.ccta.notice import NOTICE
from scanserve.client.ccta.result import Finding, Result, VesselPhase, VesselResult

__all__ = ["render_report"]


def render_report(result: Result, figures: Sequence[RenderedFigure]) -> str:
    """The report as HTML text, images embedded, without any reference to the outside.

    Args:
        result: what was found.
        figures: in the order of the report; those with a ``vessel`` go to that vessel's section.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(
        result=result,
        notice=NOTICE,
        named={figure.name: figure for figure in figures},
        by_vessel={vessel.vessel: _of(figures, vessel.vessel) for vessel in result.vessels},
        warnings=_warnings(result),
        stages=_stages(result),
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scanserve.client.ccta"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["best_entry"] = _best_entry
    environment.filters["unbroken"] = _unbroken
    environment.filters["sentence"] = _sentence
    environment.filters["entry"] = _entry
    return environment


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return text.replace(" %", "\u00a0%")


def _sentence(text: str) -> str:
    """With a capital letter at the start."""
    return text[:1].upper() + text[1:]


def _of(figures: Sequence[RenderedFigure], vessel: str) -> list[RenderedFigure]:
    return [figure for figure in figures if figure.vessel == vessel]


def _entry(vessel: VesselResult, phase: str) -> VesselPhase:
    return next(entry for entry in vessel.phases if entry.phase == phase)


def _best_entry(vessel: VesselResult) -> VesselPhase | None:
    return None if vessel.ranking.best is None else _entry(vessel, vessel.ranking.best)


def _warnings(result: Result) -> list[Finding]:
    """What a reader must know before believing the answer, most important first."""
    found = list(result.warnings)
    for vessel in result.vessels:
        if not vessel.found and vessel.reason is not None:
            found.append(
                Finding(code=vessel.reason.code, message=f"{vessel.vessel}: {vessel.reason.message}")
            )
    return found


def _stages(result: Result) -> list[tuple[str, int, float]]:
    """(stage, pieces of work, seconds in sum), in the order of their first start."""
    spans = result.timing.spans
    names = dict.fromkeys(span.stage for span in spans)
    return [
        (name, len(own), sum(span.duration_s for span in own))
        for name in names
        for own in [[span for span in spans if span.stage == name]]
    ]
