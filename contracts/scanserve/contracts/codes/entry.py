"""An entry of the catalogue of codes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Entry"]


@dataclass(frozen=True)
class Entry:
    """The meaning of a code and the remedy, in full sentences."""

    meaning: str
    action: str
