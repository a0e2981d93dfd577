"""Pairs of truth and result: two files, or two folders of studies matched by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanserve.contracts import InputError

__all__ = ["RESULT", "TRUTH", "Pair", "Pairs", "find_pairs", "read_object"]

#: File names of a truth and of a result in the folder of a study.
TRUTH, RESULT = "truth.json", "result.json"


@dataclass(frozen=True)
class Pair:
    """The truth of one study and its result; a missing ``result`` is None and counts as a miss."""

    name: str
    truth: Path
    result: Path | None


@dataclass(frozen=True)
class Pairs:
    """Every truth once, and the names of results without a truth, which are ignored."""

    studies: tuple[Pair, ...]
    without_truth: tuple[str, ...] = ()


def find_pairs(truth: Path, result: Path) -> Pairs:
    """Match truths and results.

    Args:
        truth: a truth file, the folder of a study with ``truth.json``, or a folder of such folders.
        result: likewise with ``result.json``.  Sub-folders are matched by name.

    Raises:
        InputError: code ``file-missing``, ``no-studies`` (a folder without truths, or none with a result)
            or ``pairs-mismatch`` (one study on one side and many on the other).
    """
    truths, results = _found(truth, TRUTH), _found(result, RESULT)
    if isinstance(truths, Path) and isinstance(results, Path):
        return Pairs((Pair(_name(truths), truths, results),))
    if isinstance(truths, Path) or isinstance(results, Path):
        raise InputError(
            "pairs-mismatch",
            f"truth and result must both be one study or both folders of studies, but are {truth} and {result}.",
        )
    studies = tuple(Pair(name, file, results.get(name)) for name, file in truths.items())
    if not any(pair.result for pair in studies):
        raise InputError(
            "no-studies", f"sub-folders of {truth} and {result} must share names, but none has both files."
        )
    return Pairs(studies, tuple(name for name in results if name not in truths))


def read_object(path: Path, code: str) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        InputError: code ``file-missing``, or ``code`` if the file does not hold a JSON object.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError("file-missing", f"there is no file {path}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(code, f"{path} must be JSON but cannot be read as such.") from error
    if not isinstance(content, dict):
        raise InputError(code, f"{path} must hold a JSON object but holds a {type(content).__name__}.")
    return content


def _found(path: Path, name: str) -> Path | dict[str, Path]:
    """The file itself, or the files in the sub-folders by sub-folder name."""
    if not path.exists():
        raise InputError("file-missing", f"there is no file or folder {path}.")
    if path.is_file():
        return path
    if (path / name).is_file():
        return path / name
    found = {file.parent.name: file for file in sorted(path.glob(f"*/{name}"))}
    if not found:
        raise InputError("no-studies", f"{path} must hold {name}, or folders that hold it, but does not.")
    return found


def _name(file: Path) -> str:
    return file.resolve().parent.name
