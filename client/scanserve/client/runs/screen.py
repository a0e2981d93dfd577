"""What a command says on the terminal: the answer, what was noticed, the notice, and where the report lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console, RenderableType
from rich.markup import escape

from scanserve.client.runs.output import REPORT
from scanserve.contracts.printable import printable

if TYPE_CHECKING:
    from scanserve.client.runs.records import Finding, ResultRecord

__all__ = ["Screen"]

#: Characters of a note that are printed at most.
NOTE = 1000


@dataclass(frozen=True)
class Screen:
    """The terminal of one command; with ``json`` the result alone is printed, and no progress is drawn."""

    json: bool

    @property
    def console(self) -> Console:
        """Where progress is drawn."""
        return Console(quiet=self.json)

    def show(
        self, result: ResultRecord, answer: Iterable[RenderableType], warnings: Iterable[Finding], out: Path
    ) -> None:
        """Print the result of a run whose output folder is ``out``."""
        if self.json:
            typer.echo(result.to_json(), nl=False)
            return
        console = self.console
        for part in answer:
            console.print(part)
        if result.findings:
            console.print(_acceptance(result), markup=False)
        for warning in warnings:
            console.print(escape(f"Note: {printable(warning.message, NOTE)}"), style="yellow")
        console.print(result.notice, style="bold", markup=False)
        console.print(f"Report: {out / REPORT}", soft_wrap=True, markup=False, highlight=False)


def _acceptance(result: ResultRecord) -> str:
    """The verdict and the codes of the rules that are not met."""
    open_ = [finding.code for finding in result.findings if finding.outcome in ("refused", "warning")]
    return f"Acceptance: {result.verdict}" + (f" ({', '.join(dict.fromkeys(open_))})." if open_ else ".")
