"""The model card of trained weights, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2

from scanserve.contracts import find_model
from scanserve.networks.manifest import Manifest

__all__ = ["CARD_FILE", "Accuracy", "AccuracyRow", "render_card"]

CARD_FILE = "CARD.md"


@dataclass(frozen=True)
class AccuracyRow:
    """A metric of the whole application: name, group, value with interval, target and verdict."""

    figure: str
    group: str
    measured: str
    aim: str
    verdict: str


@dataclass(frozen=True)
class Accuracy:
    """The accuracy that ``scanserve perf accuracy`` measured with these weights."""

    studies: str
    count: int
    first: int
    last: int
    rows: tuple[AccuracyRow, ...]

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Accuracy:
        """Read the content of an ``accuracy.json``."""
        seeds = content["seeds"]
        rows = tuple(map(_row, content["targets"]))
        return cls(content["studies"], len(seeds), seeds[0], seeds[-1], rows)


def render_card(manifest: Manifest, accuracy: Accuracy | None = None, precisions: Sequence[str] = ()) -> str:
    """Render the card of trained weights.

    Args:
        manifest: manifest of the weights.
        accuracy: accuracy of the whole application with these weights; None if it was not measured.
        precisions: a line for each reduced precision that was measured.
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    template = files("scanserve.networks").joinpath("card.md.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        manifest=manifest,
        summary=find_model(manifest.model).summary,
        synthetic="training_studies" in manifest.data,
        accuracy=accuracy,
        precisions=precisions,
    )


def _row(check: Mapping[str, Any]) -> AccuracyRow:
    target = check["target"]
    aim = f"{'≤' if target['at_most'] else '≥'} {target['bound']:g}"
    return AccuracyRow(
        target["figure"], target["group"], _measured(check), aim, "kept" if check["kept"] else "missed"
    )


def _measured(check: Mapping[str, Any]) -> str:
    if check["value"] is None:
        return "not defined"
    interval = "" if check["low"] is None else f" [{check['low']:.3f}, {check['high']:.3f}]"
    return f"{check['value']:.3f}{interval}"
