"""When each study last grew, by a clock that nobody can set."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["Arrivals"]


class Arrivals:
    """The last arrival of every study; one that is asked for and unknown counts as having arrived just now."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last: dict[int, float] = {}
        self._lock = threading.Lock()

    def touch(self, study: int) -> None:
        """Something of the study has arrived."""
        with self._lock:
            self._last[study] = self._monotonic()

    def quiet_s(self, study: int) -> float:
        """Seconds since something arrived."""
        with self._lock:
            now = self._monotonic()
            return now - self._last.setdefault(study, now)

    def forget(self, study: int) -> None:
        """The study is complete."""
        with self._lock:
            self._last.pop(study, None)
