"""A thread of the node: the same small piece of work again and again, until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

__all__ = ["Loop"]

_LOG = logging.getLogger(__name__)
#: Seconds to wait after an error that nobody expected.
_AFTER_ERROR_S = 1.0


class Loop:
    """Calls ``step`` until :meth:`stop`; ``step`` returns how many seconds to wait, and :meth:`wake` cuts that short.

    An error that nobody expected is logged by its kind alone, because its text may hold anything.
    """

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self.name = name
        self._step = step
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """There may be work."""
        self._wake.set()

    def stop(self) -> None:
        """Let the thread end after its step."""
        self._stop.set()
        self._wake.set()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for its end; whether it has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                wait_s = self._step()
            except Exception as error:
                _LOG.error("%s: unexpected %s", self.name, type(error).__name__)
                wait_s = _AFTER_ERROR_S
            if wait_s > 0 and not self._stop.is_set():
                self._wake.wait(wait_s)
