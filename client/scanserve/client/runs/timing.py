"""Where the time went: named spans on one clock, recorded from several threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Span", "Stopwatch"]


@dataclass(frozen=True)
class Span:
    """One piece of work: ``stage`` on ``part`` (``""``: the whole run), in seconds from the start of the run."""

    stage: str
    part: str
    start_s: float
    duration_s: float


class Stopwatch:
    """Records :class:`Span` objects; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._start = clock()
        self._lock = threading.Lock()
        self._spans: list[Span] = []
        self._waited = threading.local()

    @contextmanager
    def span(self, stage: str, part: str = "") -> Iterator[None]:
        """Record the time spent inside the block, also when it raises, without what was waited at its start."""
        begin, before = self._clock(), self._waited_s
        try:
            yield
        finally:
            waited = self._waited_s - before
            self._add(Span(stage, part, begin + waited - self._start, self._clock() - begin - waited))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """What is waited inside the block, for what another stage does, is no part of this thread's span."""
        begin = self._clock()
        try:
            yield
        finally:
            self._waited.seconds = self._waited_s + self._clock() - begin

    @property
    def _waited_s(self) -> float:
        return getattr(self._waited, "seconds", 0.0)

    def _add(self, span: Span) -> None:
        with self._lock:
            self._spans.append(span)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the stopwatch was made."""
        return self._clock() - self._start

    def spans(self) -> tuple[Span, ...]:
        """Every span that has ended, by start."""
        with self._lock:
            return tuple(sorted(self._spans, key=lambda span: span.start_s))
