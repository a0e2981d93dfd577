"""``--data KIND:FOLDER`` for the vertebra networks: a data set in its published layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scanserve.contracts import InputError
from scanserve.training.recipe import Data
from scanserve.training.spine.datasets import aasce

__all__ = ["open_data"]

_KIND = "aasce"


def open_data(text: str, cache: Path, preparing: Callable[[int, int], None] | None = None) -> Data:
    """What ``--data`` names; the films are read where they lie, so ``cache`` and ``preparing`` are not used.

    Raises:
        InputError: codes ``file-missing`` and ``no-cases``.
    """
    kind, _, place = text.partition(":")
    folder = Path(place)
    if kind != _KIND or not folder.is_dir():
        raise InputError(
            "file-missing", f"data must be {_KIND}:FOLDER of an existing FOLDER but is {text!r}."
        )
    if not aasce.has_films(folder):
        raise InputError(
            "no-cases",
            f"{folder.name} must hold films in the layout of {_KIND} but holds none; see docs/training.md.",
        )
    return Data(folder.resolve(), aasce.TITLE, f"{_KIND}:DATA")
