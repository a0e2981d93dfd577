"""Asking a server whether it is there: Triton's own health end points, over HTTP on loopback."""

from __future__ import annotations

import http.client
import time

from scanserve.contracts import ServerError
from scanserve.server.launcher import ServerProcess
from scanserve.server.options import LOOPBACK

__all__ = ["is_healthy", "wait_until_loaded"]

_POLL_S = 0.05
#: How often stubs are looked for, which means reading about every process of the machine.
_LOOK_S = 0.5
#: A stub that fails makes Triton log why and end; one that is killed does not.
_LAST_WORDS_S = 3.0
#: A model that begins to load has a stub within a second; on a busy machine within some.
_STALLED_S = 15.0


def is_healthy(http_port: int, what: str = "live", timeout_s: float = 5.0) -> bool:
    """Whether ``/v2/health/<what>`` (``live`` or ``ready``) answers 200.  Says nothing about dead stubs."""
    connection = http.client.HTTPConnection(LOOPBACK, http_port, timeout=timeout_s)
    try:
        connection.request("GET", f"/v2/health/{what}")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until_loaded(process: ServerProcess, http_port: int, timeout_s: float) -> None:
    """Return once the server has loaded every model.

    Raises:
        ServerError: code ``server-start-failed`` when it, or a stub of it, ends before, ``server-start-timeout``
            when it takes longer than ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    loading = _Loading(process)
    while not is_healthy(http_port, "ready", timeout_s=1.0):
        reason = loading.failure()
        if reason:
            raise ServerError(
                "server-start-failed",
                f"{reason} while starting: {process.last_error() or 'no reason was logged'}; "
                f"its log is {process.log_path}.",
            )
        if time.monotonic() > deadline:
            raise ServerError(
                "server-start-timeout",
                f"the server was not ready within {timeout_s:g} s{_waited_for(process)}; "
                f"its log is {process.log_path}.",
            )
        time.sleep(_POLL_S)


class _Loading:
    """Notices what dies while models load: Triton waits for ever for a stub that was killed."""

    def __init__(self, process: ServerProcess) -> None:
        self._process = process
        self._looked = self._changed = time.monotonic()
        self._died_at: float | None = None
        self._state: tuple[object, ...] = ()

    def failure(self) -> str:
        """What has died, once the server has had its time to say why; empty while nothing has."""
        if self._process.exit_status() is not None:
            return "the server ended"
        now = time.monotonic()
        if now - self._looked < _LOOK_S:
            return ""
        self._looked = now
        self._process.look_for_stubs()
        return self._seen_dead(now) or self._never_seen(now)

    def _seen_dead(self, now: float) -> str:
        reason = self._process.death()
        if not reason:
            return ""
        self._died_at = self._died_at or now
        return reason if now - self._died_at > _LAST_WORDS_S else ""

    def _never_seen(self, now: float) -> str:
        """A stub that died between two looks: nothing changes, and a model that loads has no stub."""
        loading = self._process.still_loading()
        state = (self._process.stubs, loading)
        if state != self._state:
            self._state, self._changed = state, now
        without = [model for model in loading if not self._process.has_stub(model)]
        if not without or now - self._changed < _STALLED_S:
            return ""
        return f"the stub of {', '.join(without)} ended"


def _waited_for(process: ServerProcess) -> str:
    models = process.still_loading()
    return f" (it was still loading {', '.join(models)})" if models else ""
