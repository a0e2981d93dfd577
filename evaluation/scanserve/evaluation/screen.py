"""A report on the terminal: its tables, what a reader must know, and the notice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.evaluation.application import Table

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show_report"]


def show_report(console: Console, tables: Iterable[Table], notes: Iterable[str]) -> None:
    """Print ``tables`` with their numbers to the right, and ``notes`` below them."""
    from rich.markup import escape
    from rich.table import Table as Shown

    for table in tables:
        shown = Shown(title=table.title)
        for number, column in enumerate(table.columns):
            shown.add_column(column, justify="right" if number else "left")
        for row in table.rows:
            shown.add_row(*map(escape, row))
        console.print(shown)
    for note in notes:
        console.print(escape(note), highlight=False)
    console.print(NOT_FOR_DIAGNOSIS, style="bold", markup=False)
