"""The pages below ``docs/`` that are generated from the contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from scanserve.contracts import SetupError
from scanserve.export.errorpage import render_errors
from scanserve.export.tensorpage import render_tensors

__all__ = ["PAGES", "write_docs"]

#: File below the documentation folder -> its renderer.
PAGES: Mapping[str, Callable[[], str]] = {"tensors.md": render_tensors, "errors.md": render_errors}


def write_docs(docs: Path, check: bool = False) -> tuple[Path, ...]:
    """Write every page into the folder ``docs``; with ``check`` only compare them.

    Raises:
        SetupError: code ``generated-files-drift``, with ``check`` only.
    """
    texts = {Path(docs) / name: render() for name, render in PAGES.items()}
    if check:
        _check(texts)
        return tuple(texts)
    Path(docs).mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return tuple(texts)


def _check(texts: Mapping[Path, str]) -> None:
    drifted = [path.name for path, text in texts.items() if _read(path) != text]
    if drifted:
        raise SetupError(
            "generated-files-drift",
            f"{', '.join(drifted)} differs from the contracts; write it again with `scanserve export docs`.",
        )


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
