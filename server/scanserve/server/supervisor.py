"""Watching a running server, and starting it again when it, or one of its python stubs, dies.

After a stub's death Triton still calls itself and its models ready, and never recovers; so the stubs are
watched by process id, and the whole server is started again on the same ports.  A stub that hangs is for
:mod:`~scanserve.server.watch` to notice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from scanserve.contracts import ScanserveError
from scanserve.server import files
from scanserve.server.health import is_healthy
from scanserve.server.launcher import ServerProcess

__all__ = ["Event", "Policy", "Supervisor"]


@dataclass(frozen=True)
class Event:
    """Something that happened to the server: ``ready``, ``died``, ``restart-failed`` or ``gave-up``."""

    kind: str
    message: str
    time_s: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Policy:
    """When to look, and how often to start again.

    After ``max_restarts`` restarts in a row the supervisor gives up; ``healthy_s`` of uninterrupted service
    begins a new row.  The wait before a restart doubles from ``backoff_s`` up to ``max_backoff_s``.
    """

    poll_s: float = 0.5
    liveness_every_s: float = 5.0
    liveness_misses: int = 3
    max_restarts: int = 5
    healthy_s: float = 600.0
    backoff_s: float = 0.5
    max_backoff_s: float = 30.0

    def wait_s(self, restart: int) -> float:
        """The wait before restart number ``restart`` (from 0) of a row."""
        return min(self.backoff_s * 2**restart, self.max_backoff_s)


class Supervisor:
    """A thread that watches one server and keeps it running until :meth:`stop`."""

    def __init__(
        self,
        bring_up: Callable[[], ServerProcess],
        http_port: int,
        policy: Policy,
        hung: Callable[[], str] = str,
    ) -> None:
        """Prepare a supervisor; nothing is watched yet.

        Args:
            bring_up: starts a server and returns it once it is ready.
            http_port: where it says that it is alive.
            policy: when to look, and how often to start again.
            hung: which model does not answer, empty while all do; asked at every look.
        """
        self._hung = hung
        self._bring_up = bring_up
        self._http_port = http_port
        self._policy = policy
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._events: list[Event] = []
        self._thread = threading.Thread(target=self._run, name="scanserve-supervisor", daemon=True)

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened so far, in order."""
        return tuple(self._events)

    @property
    def ready(self) -> threading.Event:
        """Set while the server has answered its canaries and no death has been seen since."""
        return self._ready

    def watch(self, process: ServerProcess) -> None:
        """Begin to watch a server that is ready."""
        self._adopt(process)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; ends the wait before a restart.  The server itself is left to the caller."""
        self._stopping.set()
        self._ready.clear()

    def join(self) -> None:
        """Wait for the thread, after :meth:`stop`."""
        if self._thread.is_alive():
            self._thread.join()

    def _adopt(self, process: ServerProcess) -> None:
        self._process = process
        self._since = self._looked = time.monotonic()
        self._misses = 0
        self._note("ready", f"the server answers with {len(process.stubs)} stubs")
        self._ready.set()

    def _run(self) -> None:
        restarts = 0
        while not self._stopping.wait(self._policy.poll_s):
            files.limit_log(self._process.log_path)
            died = self._diagnose()
            hung = "" if died else self._hung()
            if not (died or hung) or self._stopping.is_set():
                continue
            self._ready.clear()
            self._note("died", died or hung)
            if time.monotonic() - self._since > self._policy.healthy_s:
                restarts = 0
            restarts = self._restart(restarts, hung)
            if restarts > self._policy.max_restarts:
                self._note("gave-up", f"the server died again after {self._policy.max_restarts} restarts")
                return

    def _restart(self, restarts: int, hung: str) -> int:
        """Try until the server is ready; the restarts used, over the limit when it never was.

        Callers who wait for a model that hangs are told so: who is cut off asks again at once, and might hang it
        again.
        """
        reason = f"{hung}; the server is being started again." if hung else ""
        self._process.stop(at_once=True, reason=reason)
        while restarts < self._policy.max_restarts:
            if self._stopping.wait(self._policy.wait_s(restarts)):
                return restarts
            restarts += 1
            try:
                self._adopt(self._bring_up())
                return restarts
            except ScanserveError as error:
                if self._stopping.is_set():
                    return restarts
                self._note("restart-failed", error.message)
        return self._policy.max_restarts + 1

    def _diagnose(self) -> str:
        return self._process.death() or self._diagnose_liveness()

    def _diagnose_liveness(self) -> str:
        if time.monotonic() - self._looked < self._policy.liveness_every_s:
            return ""
        self._looked = time.monotonic()
        self._misses = 0 if is_healthy(self._http_port) else self._misses + 1
        if self._misses < self._policy.liveness_misses:
            return ""
        return f"the server did not answer {self._misses} times in a row"

    def _note(self, kind: str, message: str) -> None:
        self._events.append(Event(kind, message))
