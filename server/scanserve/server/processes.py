"""Reading ``/proc``: living processes by their parent or by their environment.  Standard library only."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

__all__ = ["arguments", "descendants", "end_marked", "is_alive", "marked", "parent"]

PROC = Path("/proc")
_DEAD = frozenset("ZX")


def descendants(pid: int) -> tuple[int, ...]:
    """The living descendants of ``pid``, zombies excluded, each parent before its children."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            state, parent = _state_and_parent(int(entry.name))
            if state not in _DEAD:
                children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        born = children.get(waiting.pop(), [])
        found += born
        waiting += born
    return tuple(found)


def arguments(pid: int) -> tuple[str, ...]:
    """The command line of ``pid``; empty when it has ended."""
    try:
        text = Path(PROC, str(pid), "cmdline").read_bytes()
    except OSError:
        return ()
    return tuple(os.fsdecode(text).split("\0")[:-1])


def marked(mark: str) -> tuple[int, ...]:
    """The living processes that were started with ``mark``, ``NAME=value``, in their environment; this one excluded."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
            except OSError:  # ended, or another user's
                continue
            if os.fsencode(mark) in environment and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return tuple(found)


def end_marked(mark: str, within_s: float) -> None:
    """Kill all of :func:`marked`, and wait until none is left."""
    deadline = time.monotonic() + within_s
    while (pids := marked(mark)) and time.monotonic() < deadline:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether ``pid`` runs: it exists and is no zombie."""
    return _state_and_parent(pid)[0] not in _DEAD


def parent(pid: int) -> int:
    """Who started ``pid``, or has taken it over; 0 when it has ended."""
    return _state_and_parent(pid)[1]


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        text = Path(PROC, str(pid), "stat").read_text()
    except OSError:
        return "X", 0
    state, parent = text[text.rindex(")") + 2 :].split()[:2]
    return state, int(parent)
