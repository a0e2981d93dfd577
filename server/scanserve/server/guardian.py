"""The guardian: a small process between us and tritonserver, so that nothing is ever left behind.

It starts the server, waits, and ends everything (server, stubs, shared-memory regions, private folder) when
it is told to, when the server ends, or when its own parent is gone, even by SIGKILL: its standard input then
closes.  Should the guardian itself be killed, the kernel sends the server SIGTERM.
What it starts makes no file that other users may read (:mod:`scanserve.server.modes`).
Standard library only; run as ``python -m scanserve.server.guardian`` with :class:`Orders` as one line of JSON on
standard input.  Its standard error is the server's log.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from scanserve.server import environments, locks, modes, processes, shm
from scanserve.server.orders import Orders

__all__ = ["main"]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_POLL_S = 0.25
#: tritonserver opens a hundred files and one per connection; many systems allow 1024 unless asked.
_DESCRIPTORS = 4096
_LIBC = ctypes.CDLL(None, use_errno=True)


class _Terminated(BaseException):
    """A signal ends the guardian."""


def main() -> int:
    """Guard one server; its exit status, or 1 after a crash of the guardian, whose reason it logs."""
    try:
        return _run(Orders.from_json(sys.stdin.readline()))
    except Exception as error:
        traceback.print_exc()
        sys.stderr.write(f"error: the guardian crashed: {type(error).__name__}: {error}\n")
        return 1


def _run(orders: Orders) -> int:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _raise_terminated)
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    modes.keep_private()
    _allow_descriptors()
    held = (shm.hold(orders.shm_prefix), locks.hold(orders.private_folder))
    try:
        return _guard(orders)
    finally:
        shm.remove(orders.shm_prefix)
        environments.remove_noted(orders.private_folder)
        shutil.rmtree(orders.private_folder, ignore_errors=True)
        for descriptor in held:
            os.close(descriptor)


def _allow_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < highest:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest, hard))


def _guard(orders: Orders) -> int:
    server = None
    grace_s = orders.grace_s
    try:
        noting = _Noting(orders.private_folder)
        server = _start(orders)
        sys.stdout.write(json.dumps({"pid": server.pid}) + "\n")
        sys.stdout.flush()
        grace_s = _watch(server, os.getppid(), orders, noting)
    except _Terminated:
        pass
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if server is not None:
            _end(server, grace_s)
    return _status(server)


def _start(orders: Orders) -> subprocess.Popen:
    with open(orders.log_path, "ab") as log:
        return subprocess.Popen(
            orders.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**orders.environment, shm.MARK: orders.shm_prefix},
            cwd=orders.private_folder,
            preexec_fn=_die_with_parent,
        )


def _die_with_parent() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _watch(server: subprocess.Popen, parent: int, orders: Orders, noting: _Noting) -> float:
    """Return when the server ends, or the parent says so, closes our standard input or is gone.

    The answer is how many seconds the server may take to end by itself.
    """
    loading = True
    while server.poll() is None and os.getppid() == parent:
        if loading:
            noting.look()
        if not select.select([0], [], [], _POLL_S)[0]:
            continue
        for word in os.read(0, 4096).decode().splitlines() or ["gone"]:
            if word == "hide":
                loading = False
                _hide(server.pid, [secret.encode() for secret in orders.secrets])
            else:
                return 0.0 if word == "kill" else orders.grace_s
    return orders.grace_s


class _Noting:
    """Notes what Triton makes outside the private folder, while it loads."""

    def __init__(self, private_folder: Path) -> None:
        self._folder = private_folder
        self._before = environments.found()
        self._noted: frozenset[str] = frozenset()

    def look(self) -> None:
        made = environments.found() - self._before
        if made - self._noted:
            self._noted = made
            environments.note(made, self._folder)


def _hide(pid: int, secrets: list[bytes]) -> None:
    """Overwrite the secrets in the server's command line, which every local user may read.

    The server has parsed it by then.  Where the kernel forbids it, they stay visible.
    """
    with contextlib.suppress(OSError, ValueError):
        with open(f"/proc/{pid}/stat") as stat:
            start, end = map(int, stat.read().rsplit(")", 1)[1].split()[45:47])
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            text = memory.read(end - start)
            for secret in secrets:
                text = text.replace(secret, b"*" * len(secret))
            memory.seek(start)
            memory.write(text)


def _end(server: subprocess.Popen, grace_s: float) -> None:
    stubs = processes.descendants(server.pid)
    if server.poll() is None and grace_s > 0:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(grace_s)
    if server.poll() is None:
        server.kill()
        server.wait()
    _kill_all({*stubs, *processes.descendants(os.getpid())})


def _kill_all(pids: set[int]) -> None:
    """Kill what is left; orphans have become our children, so none escapes."""
    ours = set(processes.descendants(os.getpid()))
    for pid in pids & ours:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
        except ChildProcessError:
            return


def _status(server: subprocess.Popen | None) -> int:
    code = 1 if server is None else server.returncode
    return 128 - code if code < 0 else code


def _raise_terminated(number: int, frame: object) -> None:
    raise _Terminated


if __name__ == "__main__":
    sys.exit(main())
