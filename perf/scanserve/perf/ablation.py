"""The outcome of an ablation: trainings that differ in one choice each, as JSON and as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from scanserve.contracts import NOT_FOR_DIAGNOSIS, part
from scanserve.perf.results import machine

__all__ = ["Ablation", "Columns", "Judge", "Measured", "Row", "find_judge", "write_ablation"]


@dataclass(frozen=True)
class Columns:
    """A table of an ablation.

    Attributes:
        titles: the title of each figure's column, by the figure's name.
        meaning: a sentence on what the figures are, with their unit and frame.
        digits: how many are shown behind the point.
    """

    titles: Mapping[str, str]
    meaning: str
    digits: int = 1

    def text(self, value: float | None) -> str:
        """A figure as it is shown."""
        return "undefined" if value is None else f"{value:.{self.digits}f}"


@dataclass(frozen=True)
class Measured:
    """The figures of a trained network by name, None where undefined; and the values of single studies."""

    figures: Mapping[str, float | None]
    each: Mapping[str, Sequence[float | None]] = field(default_factory=dict)


class Trained(Protocol):
    """A trained network of the application."""

    @property
    def name(self) -> str:
        """Of its variant."""

    @property
    def title(self) -> str:
        """What it differs in."""

    @property
    def steps(self) -> int:
        """Steps within the time."""


class Judge(Protocol):
    """What measures the trained networks of an application, all on the same unseen studies.

    Attributes:
        tables: what is shown; the first figure of the first is told while the ablation runs.
        described: the studies, in words.
        notes: what the figures mean and what is left out; a sentence each.
    """

    tables: Sequence[Columns]
    described: str
    notes: Sequence[str]

    def measure(self, trained: Any) -> Measured:
        """The figures of a network that the application trained."""


class FindJudge(Protocol):
    """``ABLATION`` of an application."""

    def __call__(self, studies: int | None, into: Sequence[Path], unenhanced: Sequence[Path]) -> Judge:
        """The judge on so many ``studies``, and in CTs, those of ``unenhanced`` without contrast medium.

        Raises:
            InputError: code ``one-population`` where there are no CTs to judge in.
        """


def find_judge(application: str) -> FindJudge:
    """The judge of the application called ``application``.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` if it has none.
    """
    return part("perf", application, "ABLATION").ABLATION


@dataclass(frozen=True)
class Row:
    """One training: its variant, its steps, its figures, and the values of single studies."""

    name: str
    title: str
    steps: int
    figures: Mapping[str, float | None]
    each: Mapping[str, Sequence[float | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, trained: Trained, measured: Measured) -> Row:
        """The row of a trained network."""
        return cls(trained.name, trained.title, trained.steps, measured.figures, measured.each)


@dataclass(frozen=True)
class Ablation:
    """Trainings of ``seconds`` of processor time each, measured by ``judge``; ``notes`` say what is left out."""

    application: str
    seconds: float
    judge: Judge
    rows: Sequence[Row]
    notes: Sequence[str]


def write_ablation(out: Path, ablation: Ablation) -> None:
    """Write ``ablation.json`` and ``ablation.md`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    facts, judge = machine(), ablation.judge
    found = {
        "machine": facts,
        "seconds": ablation.seconds,
        "studies": judge.described,
        "notes": list(ablation.notes),
        "rows": [asdict(row) for row in ablation.rows],
    }
    (out / "ablation.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (out / "ablation.md").write_text(_render(ablation, str(facts["processor"])), encoding="utf-8")


def _render(ablation: Ablation, processor: str) -> str:
    judge = ablation.judge
    intro = (
        f"Short trainings: {ablation.seconds:g} s of processor time each, from random weights, on one core "
        f"({processor}), measured on {judge.described}. They compare choices after equal time, and say nothing about "
        "the shipped networks."
    )
    parts = [f"# Ablation of {ablation.application}", " ".join([intro, *ablation.notes])]
    for columns in judge.tables:
        parts += [columns.meaning, _table(columns, ablation.rows)]
    return "\n\n".join([*parts, NOT_FOR_DIAGNOSIS]) + "\n"


def _table(columns: Columns, rows: Sequence[Row]) -> str:
    head = ["training", "steps", *columns.titles.values()]
    body = [
        [row.title, f"{row.steps}", *(columns.text(row.figures[name]) for name in columns.titles)]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body))
