"""The sources of scanserve as syntax trees, for tests that hold all of them to a rule."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_ROOTS = (
    "contracts",
    "geometry",
    "preprocessing",
    "client",
    "evaluation",
    "server",
    "phantoms",
    "export",
    "perf",
)


def source_files(roots: Iterable[str] = SOURCE_ROOTS) -> list[Path]:
    """Every module below ``roots``, sorted within each root."""
    return [file for root in roots for file in sorted((ROOT / root / "scanserve").rglob("*.py"))]


def parsed_sources(roots: Iterable[str] = SOURCE_ROOTS) -> Iterator[tuple[Path, ast.Module]]:
    """Every module below ``roots`` with its syntax tree."""
    for file in source_files(roots):
        yield file, ast.parse(file.read_text(encoding="utf-8"), str(file))
