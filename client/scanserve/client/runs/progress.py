"""How far the work of a run is, told while it goes on."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Called with (part, stage, fraction), from several threads.

    ``fraction`` (0 to 1) of the work on ``part`` is done, and ``stage`` is next.  A part is what the application
    divides a study into; ``""`` stands for the whole run.
    """

    def __call__(self, part: str, stage: str, fraction: float, /) -> None:
        """Take note."""


def silent(part: str, stage: str, fraction: float, /) -> None:
    """The progress that nobody watches."""
