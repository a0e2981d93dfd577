"""A budget of time, in which an application trains several networks together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import InputError
from scanserve.training.recipe import Sources

__all__ = ["Budget", "Preparing", "Progress", "seconds_of"]

#: Called with samples made and all samples; with seconds spent, all seconds and the loss.
Preparing = Callable[[int, int], None]
Progress = Callable[[int, int, Mapping[str, float]], None]

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Budget:
    """A run of ``seconds``, from the first sample on; ``None`` keeps the value of the application.

    ``run`` holds the checkpoints from which the next call goes on; it starts from the weights in
    ``start_from / <model>`` if given.
    """

    run: Path
    sources: Sources
    seconds: float
    device: str = "cpu"
    seed: int = 0
    width: int | None = None
    studies: int | None = None
    start_from: Path | None = None


def seconds_of(text: str) -> float:
    """A duration such as ``90s``, ``25m`` or ``1.5h`` in seconds.

    Raises:
        InputError: code ``budget-invalid``.

    Example:
        >>> seconds_of("25m")
        1500.0
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if found is None or not float(found[1]):
        raise InputError(
            "budget-invalid", f"--budget must be a duration such as 90s, 25m or 2h but is {text!r}."
        )
    return float(found[1]) * UNITS[found[2]]
