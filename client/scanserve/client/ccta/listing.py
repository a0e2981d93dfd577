"""What a study holds and what would be analysed of it, without a server: ``scanserve ccta STUDY --list``.

The phases are judged as the analysis will judge them, but from a few slices of each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from scanserve.client.ccta.caveats import lost_phases, noticed_in
from scanserve.client.runs.progress import Progress, silent
from scanserve.contracts.codes.left_out import LEFT_OUT
from scanserve.preprocessing import Finding, Phase, Reconstruction, Skipped, Wishes, read_study
from scanserve.preprocessing.ccta import CoronaryFitness

__all__ = ["Listing", "list_study"]

#: Codes of files of the stacks, which are listed with their own reasons.
_OF_STACKS = frozenset(LEFT_OUT) | {"unfit"}
#: Characters of a description that are shown.
DESCRIPTION = 40


@dataclass(frozen=True)
class Row:
    """A stack of slices: the phase that it would be analysed as, or why it would not be."""

    found: Reconstruction
    phase: str | None
    reasons: tuple[Finding, ...]


@dataclass(frozen=True)
class Listing:
    """What a study holds.

    Attributes:
        study_instance_uid: of the study.
        rows: every stack of slices; what would be analysed first.
        skipped: files that belong to none of them.
        warnings: what was noticed about the study.
    """

    study_instance_uid: str
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[Finding, ...]

    @property
    def phases(self) -> list[str]:
        """The phases that would be analysed."""
        return [row.phase for row in self.rows if row.phase is not None]

    def to_json(self) -> str:
        """The listing as JSON."""
        return json.dumps(asdict(self) | {"phases": self.phases}, indent=1, ensure_ascii=False) + "\n"

    def table(self) -> Table:
        """The stacks as a table for the terminal."""
        table = Table(title="What the study holds", title_justify="left")
        for name in ("series", "description", "what", "slices", "mm", "kernel", "phase", "analysed"):
            table.add_column(name, justify="right" if name in ("series", "slices", "mm") else "left")
        for row in self.rows:
            table.add_row(*map(escape, _cells(row)), style=None if row.phase else "dim")
        return table

    def lines(self) -> Iterator[str]:
        """What is to be said below the table."""
        yield f"Would be analysed: {'; '.join(self.phases) or 'nothing'}."
        for group in self.skipped:
            yield f"Not looked at: {group.message}"
        for warning in self.warnings:
            yield f"Note: {warning.message}"


def list_study(path: Path, wishes: Wishes, *, progress: Progress = silent) -> Listing:
    """Read the headers of a study, and a few slices of what would be analysed.

    Args:
        path: folder with the DICOM files.
        wishes: what the user asks for.
        progress: is told how far everything is.

    Raises:
        StudyError: the study cannot be read.
    """
    study = read_study(
        path, progress=lambda done, count: progress("", "headers", done / max(count, 1)), wishes=wishes
    )
    rows: list[Row] = []
    for number, phase in enumerate(study.phases):
        progress("", "slices", number / len(study.phases))
        rows += _judged(phase, override=wishes.unfit)
    used = {id(row.found) for row in rows}
    rows += [Row(found, None, found.reasons) for found in study.left_out if id(found) not in used]
    rows.sort(key=lambda row: row.phase is None)
    skipped = tuple(group for group in study.skipped if group.code not in _OF_STACKS)
    progress("", "done", 1.0)
    warnings = (*lost_phases(study.left_out), *study.warnings, *noticed_in(study.phases))
    return Listing(study.study_instance_uid, tuple(rows), skipped, warnings)


def _judged(phase: Phase, *, override: bool) -> list[Row]:
    """The reconstructions of a phase as far as they would be tried; the last one is analysed, unless it fails too."""
    fitness = CoronaryFitness()
    rows: list[Row] = []
    for candidate in (phase, *phase.alternatives):
        unfit = () if override or candidate.blocking else _unfit(candidate, fitness)
        reasons = (*candidate.blocking, *unfit)
        rows.append(Row(candidate.reconstruction, None if reasons else phase.label, reasons))
        if not reasons:
            break
    return rows


def _unfit(phase: Phase, fitness: CoronaryFitness) -> tuple[Finding, ...]:
    return fitness.by_header(phase) or fitness.by_sample(phase)


def _cells(row: Row) -> tuple[str, ...]:
    found = row.found
    number = "-" if found.series_number is None else str(found.series_number)
    spacing = f"{found.step_mm:.2f}"
    if found.thickness_mm and abs(found.thickness_mm - found.step_mm) > 0.005:
        spacing += f" ({found.thickness_mm:.2f} thick)"
    what = found.kind if found.original else f"{found.kind}, derived"
    decision = "yes" if row.phase else "; ".join(f"{r.message.rstrip('.')} [{r.code}]" for r in row.reasons)
    label = "" if found.label == found.series else found.label
    return (
        number,
        _shown(found.description),
        what,
        str(found.slices),
        spacing,
        _shown(found.kernel),
        label,
        decision,
    )


def _shown(text: str) -> str:
    """Text of a file, shortened, and without what a terminal would obey."""
    plain = "".join(character if character.isprintable() else "?" for character in text)
    return plain if len(plain) <= DESCRIPTION else plain[: DESCRIPTION - 3] + "..."
