"""What the reports of all applications share: the template's environment and how a figure is embedded."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from scanserve.client.runs.records import TimeSpan

__all__ = ["report_environment", "stages_of"]


def report_environment(package: str) -> Environment:
    """Templates of ``package``, beside the shared ones; text is escaped, unknown names are errors."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("scanserve.client.runs")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(data_uri=_data_uri, unbroken=_unbroken, sentence=_sentence)
    return environment


def stages_of(spans: Sequence[TimeSpan]) -> list[tuple[str, int, float]]:
    """(stage, pieces of work, seconds in sum), in the order of their first start."""
    names = dict.fromkeys(span.stage for span in spans)
    return [
        (name, len(own), sum(span.duration_s for span in own))
        for name in names
        for own in [[span for span in spans if span.stage == name]]
    ]


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return text.replace(" %", "\u00a0%")


def _sentence(text: str) -> str:
    """With a capital letter at the start."""
    return text[:1].upper() + text[1:]
