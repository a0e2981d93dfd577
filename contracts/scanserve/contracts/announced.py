"""What a request says of itself in the metadata of its call, before its message.

A gate that cannot take a request refuses it so without receiving the message first, and tells when to come back.
Nothing else rests on it: what a request is, its message says.
"""

from __future__ import annotations

__all__ = ["ANNOUNCED_HEADER", "announce", "read_announced"]

#: The gRPC metadata header.
ANNOUNCED_HEADER = "scanserve-request"
_MOST_DIGITS = 6


def announce(model: str, items: int) -> str:
    """The header's value for a request of ``items`` items for ``model``."""
    return f"{model}/{items}"


def read_announced(value: str) -> tuple[str, int] | None:
    """Model and items of a value that :func:`announce` has made; None for anything else."""
    model, _, items = value.partition("/")
    if not (model and items.isascii() and items.isdigit() and len(items) <= _MOST_DIGITS and int(items)):
        return None
    return model, int(items)
