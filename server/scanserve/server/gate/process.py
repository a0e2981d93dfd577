"""A gate as a process of its own, beside the server that it stands in front of."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from pathlib import Path

from scanserve.contracts import ServerError
from scanserve.server.allocator import LARGE_PAGES, with_tunables
from scanserve.server.gate.orders import GateOrders

__all__ = ["GateProcess"]

#: The word before the reason for which a gate ends.
BECAUSE = "because"
#: How long a gate may take to tell its callers why it ends.
_REASON_S = 3.0
#: How long a gate may take to listen on a machine that is very busy, and to end, seconds.
_START_S, _LAST_WORDS_S, _END_S = 60.0, 1.0, 25.0


class GateProcess:
    """One running gate; its errors go to the server's log."""

    def __init__(self, orders: GateOrders, log_path: Path, folder: Path) -> None:
        """Start a gate that works in ``folder``, and wait until it listens.

        Raises:
            ServerError: code ``server-start-failed``.
        """
        self._process = _spawn(log_path, folder)
        self._send(orders.to_json())
        if not self._listens():
            self.stop(at_once=True)
            raise ServerError(
                "server-start-failed",
                f"the gate in front of the server ended with status {self.exit_status()}, or did not listen "
                f"within {_START_S:g} s; its log is {log_path}.",
            )

    @property
    def pid(self) -> int:
        """The process id of the gate."""
        return self._process.pid

    def exit_status(self) -> int | None:
        """The exit status once the gate has ended, else None."""
        return self._process.poll()

    def stop(self, *, at_once: bool = False, reason: str = "") -> None:
        """End the gate (``at_once``: without waiting for its calls) and wait until it is gone.

        Args:
            at_once: not to wait for the calls under way.
            reason: what their callers are told then.
        """
        if at_once and reason:
            self._send(f"{BECAUSE} {' '.join(reason.split())}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_REASON_S)
        if at_once:
            self._process.kill()
        self._send("stop")
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listens(self) -> bool:
        assert self._process.stdout is not None
        answers, _, _ = select.select([self._process.stdout], [], [], _START_S)
        if answers and self._process.stdout.readline():
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_WORDS_S)
        return False

    def _send(self, text: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # ended, or closed by stop
            self._process.stdin.write(text.encode() + b"\n")
            self._process.stdin.flush()


def _environment() -> dict[str, str]:
    """This process's, with the ways to import its packages and large pages for large messages."""
    path = os.pathsep.join(path for path in sys.path if path)
    return with_tunables({**os.environ, "PYTHONPATH": path}, LARGE_PAGES)


def _spawn(log_path: Path, folder: Path) -> subprocess.Popen[bytes]:
    try:
        with open(log_path, "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "scanserve.server.gate"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                env=_environment(),
                start_new_session=True,
            )
    except OSError as error:
        raise ServerError("server-start-failed", f"the gate could not be started: {error}.") from error
