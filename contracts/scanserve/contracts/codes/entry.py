"""What the catalogue says of one code."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Entry"]


@dataclass(frozen=True)
class Entry:
    """The meaning of a code and what the user does about it, in whole sentences."""

    meaning: str
    action: str
