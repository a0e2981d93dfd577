"""The outcome of an ablation: trainings that differ in one choice each, as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.perf.results import machine

__all__ = ["Ablation", "Row", "write_ablation"]

#: Figures of the table, and the titles of their columns.
_COLUMNS = {
    "mre_0_clicks_px": "0 clicks",
    "mre_1_clicks_px": "1 click",
    "mre_3_clicks_px": "3 clicks",
    "manual_mre_1_clicks_px": "1, manual",
    "manual_mre_3_clicks_px": "3, manual",
    "median_0_clicks_px": "median film, 0 clicks",
}


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
        """On the test films."""


@dataclass(frozen=True)
class Ablation:
    """Trainings of ``seconds`` of processor time each, read on ``films`` test films."""

    application: str
    seconds: float
    films: int
    rows: Sequence[Row]


def write_ablation(out: Path, ablation: Ablation) -> None:
    """Write ``ablation.json`` and ``ablation.md`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    facts = machine()
    rows = [asdict(row) for row in ablation.rows]  # type: ignore[call-overload]
    found = {"machine": facts, "seconds": ablation.seconds, "films": ablation.films, "rows": rows}
    (out / "ablation.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (out / "ablation.md").write_text(_render(ablation, str(facts["processor"])), encoding="utf-8")


def _render(ablation: Ablation, processor: str) -> str:
    head = ["training", "steps", *_COLUMNS.values()]
    rows = [
        [row.title, f"{row.steps}", *(f"{row.figures[name]:.1f}" for name in _COLUMNS)]
        for row in ablation.rows
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    intro = (
        f"Short trainings: {ablation.seconds:g} s of processor time each, from random weights, on one core "
        f"({processor}). Mean errors in pixels of films of 2,400 rows, on {ablation.films} test phantoms. They compare "
        "choices after equal time, and say nothing about the shipped networks."
    )
    return (
        f"# Ablation of {ablation.application}\n\n{intro}\n\n"
        + "\n".join(lines)
        + f"\n\n{NOT_FOR_DIAGNOSIS}\n"
    )
