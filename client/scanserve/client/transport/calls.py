"""The steps that a session asks a driver to perform, and the time that is left for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["SERVICE", "Call", "Deadline", "Sleep", "Step", "Steps"]

#: Full name of the KServe v2 service.
SERVICE = "inference.GRPCInferenceService"

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """Send ``payload`` (a serialised message) to ``method``; the result is the answer's bytes."""

    method: str
    payload: bytes
    timeout_s: float
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """The method's full name, as gRPC writes it."""
        return f"/{SERVICE}/{self.method}"


@dataclass(frozen=True)
class Sleep:
    """Wait; the result is nothing."""

    seconds: float


Step = Call | Sleep
#: A conversation: yields steps, is sent their results (or thrown a ``Failure``), and returns ``T``.
Steps = Generator[Step, bytes, T]


@dataclass(frozen=True)
class Deadline:
    """A point in time on ``clock`` (seconds, monotonic)."""

    at_s: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(clock() + seconds, clock)

    @property
    def remaining_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at_s - self.clock())
