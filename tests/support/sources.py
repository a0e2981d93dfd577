"""The checkout's source roots, as ``pyproject.toml`` lists them, and the modules in them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: Top-level folders that each hold a slice of the namespace ``scanserve``.
SOURCE_ROOTS = tuple(PYPROJECT["tool"]["hatch"]["build"]["dev-mode-dirs"])


def source_files(*roots: str) -> list[Path]:
    """Every Python file of the given source roots, or of all."""
    return [
        file for root in roots or SOURCE_ROOTS for file in sorted((ROOT / root / "scanserve").rglob("*.py"))
    ]


def parsed_sources(roots: Iterable[str] = SOURCE_ROOTS) -> Iterator[tuple[Path, ast.Module]]:
    """Every module below ``roots`` with its syntax tree."""
    for file in source_files(*roots):
        yield file, ast.parse(file.read_text(encoding="utf-8"), str(file))


def module_of(file: Path) -> str:
    """The dotted name of a source file below ``scanserve``, such as ``geometry.grid``; a package's is its folder's."""
    parts = file.relative_to(ROOT).with_suffix("").parts[2:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def packages() -> list[Path]:
    """The top-level packages of the namespace, such as ``geometry/scanserve/geometry``."""
    return [
        file.parent for root in SOURCE_ROOTS for file in sorted((ROOT / root).glob("scanserve/*/__init__.py"))
    ]
