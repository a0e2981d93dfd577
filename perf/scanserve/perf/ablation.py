"""The outcome of an ablation: trainings that differ in one choice each, as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.perf.results import machine

__all__ = ["Ablation", "Columns", "Row", "write_ablation"]


@dataclass(frozen=True)
class Columns:
    """What an application shows of its ablations.

    Attributes:
        titles: the title of each figure's column, by the figure's name; the first is told while it runs.
        meaning: a sentence on what the figures are, with their unit and frame.
    """

    titles: Mapping[str, str]
    meaning: str


class Row(Protocol):
    """One training: its title, its steps, and its figures by name."""

    @property
    def title(self) -> str:
        """What it differs in."""

    @property
    def steps(self) -> int:
        """Steps within the time."""

    @property
    def figures(self) -> Mapping[str, float]:
        """On the test phantoms."""


@dataclass(frozen=True)
class Ablation:
    """Trainings of ``seconds`` of processor time each, measured on ``studies`` test phantoms."""

    application: str
    seconds: float
    studies: int
    columns: Columns
    rows: Sequence[Row]


def write_ablation(out: Path, ablation: Ablation) -> None:
    """Write ``ablation.json`` and ``ablation.md`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    facts = machine()
    rows = [asdict(row) for row in ablation.rows]  # type: ignore[call-overload]
    found = {"machine": facts, "seconds": ablation.seconds, "studies": ablation.studies, "rows": rows}
    (out / "ablation.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (out / "ablation.md").write_text(_render(ablation, str(facts["processor"])), encoding="utf-8")


def _render(ablation: Ablation, processor: str) -> str:
    titles = ablation.columns.titles
    head = ["training", "steps", *titles.values()]
    rows = [
        [row.title, f"{row.steps}", *(f"{row.figures[name]:.1f}" for name in titles)] for row in ablation.rows
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    intro = (
        f"Short trainings: {ablation.seconds:g} s of processor time each, from random weights, on one core "
        f"({processor}), measured on {ablation.studies} test phantoms. {ablation.columns.meaning} They compare choices "
        "after equal time, and say nothing about the shipped networks."
    )
    return (
        f"# Ablation of {ablation.application}\n\n{intro}\n\n"
        + "\n".join(lines)
        + f"\n\n{NOT_FOR_DIAGNOSIS}\n"
    )
