"""Asking a server whether it is there: Triton's own health end points, over HTTP on loopback."""

from __future__ import annotations

import http.client
import time

from scanserve.contracts import ServerError
from scanserve.server.launcher import ServerProcess
from scanserve.server.options import LOOPBACK

__all__ = ["is_healthy", "wait_until_loaded"]

_POLL_S = 0.05


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
        ServerError: code ``server-start-failed`` when it ends before, ``server-start-timeout`` when it takes
            longer than ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    while not is_healthy(http_port, "ready", timeout_s=1.0):
        if process.exit_status() is not None:
            raise ServerError(
                "server-start-failed",
                f"the server ended while starting: {process.last_error() or 'no reason was logged'}; "
                f"its log is {process.log_path}.",
            )
        if time.monotonic() > deadline:
            raise ServerError(
                "server-start-timeout",
                f"the server was not ready within {timeout_s:g} s{_waited_for(process)}; "
                f"its log is {process.log_path}.",
            )
        time.sleep(_POLL_S)


def _waited_for(process: ServerProcess) -> str:
    models = process.still_loading()
    return f" (it was still loading {', '.join(models)})" if models else ""
