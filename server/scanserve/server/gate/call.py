"""One call as its handler sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["Answer", "Call"]


@dataclass(frozen=True)
class Call:
    """A whole message with its metadata; ``remaining`` is the time that its caller gives it, None for any."""

    message: bytes = field(repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    remaining: Callable[[], float | None] = lambda: None


#: Answers a call with a serialised message, or raises ``Refusal``.
Answer = Callable[[Call], Awaitable[bytes]]
