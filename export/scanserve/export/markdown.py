"""Markdown for the generated pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["table"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a line for the head and a line per row, and a final line break."""
    return "\n".join([_line(head), _line(["---"] * len(head)), *map(_line, rows)]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
