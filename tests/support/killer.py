"""Kills one process of a server that this process started, at a chosen moment."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time

from scanserve.server import processes

__all__ = ["PARTS", "Killer"]

#: What ends a server when it is killed, and how its command line is known.
PARTS = {
    "guardian": "scanserve.server.guardian",
    "gate": "scanserve.server.gate",
    "server": "/bin/tritonserver",
    "stub": "triton_python_backend_stub",
}
_GIVES_UP_S = 120.0


class Killer:
    """Kills a ``part`` of a server ``after_s`` seconds from now, or as soon as there is one; in a ``with`` block."""

    def __init__(self, part: str, after_s: float) -> None:
        self._part = PARTS[part]
        self._at = time.monotonic() + after_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.killed = 0

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def wait(self) -> None:
        """Return once it has killed."""
        self._thread.join(_GIVES_UP_S)
        assert self.killed

    def _run(self) -> None:
        while time.monotonic() < self._at + _GIVES_UP_S and not self._done.wait(0.01):
            victims = self._victims() if time.monotonic() >= self._at else []
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself: there will be another
                for victim in victims[:1]:
                    os.kill(victim, signal.SIGKILL)
                    self.killed = victim
                    return

    def _victims(self) -> list[int]:
        family = processes.descendants(os.getpid())
        return [pid for pid in family if any(self._part in text for text in processes.arguments(pid)[:5])]
