"""The shared-memory regions of a server: named so that exactly the stale ones can be swept.

Every launch takes a prefix of its own for the regions of its python stubs, and its guardian process holds
a lock on ``/dev/shm/<prefix>_lock`` while it lives.  A lock that nobody holds marks regions that nobody uses.
Standard library only: the guardian uses it.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from scanserve.server import locks

__all__ = ["FAMILY", "MARK", "hold", "is_held", "mark", "new_prefix", "remove", "sweep"]

SHM = Path("/dev/shm")
#: How the name of everything that belongs to a launch begins, in shared memory and among temporary folders.
FAMILY = "scanserve_server_"
#: Names the variable that tells the processes of a launch from all others.
MARK = "SCANSERVE_LAUNCH"
_LOCK = "_lock"


def new_prefix() -> str:
    """A prefix no other launch has."""
    return f"{FAMILY}{secrets.token_hex(8)}"


def mark(prefix: str) -> str:
    """The variable, ``NAME=value``, with which every process of a launch is started."""
    return f"{MARK}={prefix}"


def hold(prefix: str, folder: Path = SHM) -> int:
    """Lock ``prefix`` for the life of this process (or until the returned descriptor is closed)."""
    return locks.hold(folder / f"{prefix}{_LOCK}", make=True)


def is_held(prefix: str, folder: Path = SHM) -> bool:
    """Whether a launch lives: its lock is there, and somebody holds it (or it is another user's)."""
    lock = folder / f"{prefix}{_LOCK}"
    with locks.unheld(lock) as free:
        return lock.exists() and not free


def remove(prefix: str, folder: Path = SHM) -> None:
    """Remove every region of ``prefix``, and its lock last."""
    lock = folder / f"{prefix}{_LOCK}"
    for region in folder.glob(f"{prefix}*"):
        if region != lock:
            _unlink(region)
    _unlink(lock)


def sweep(folder: Path = SHM) -> tuple[str, ...]:
    """Remove what dead servers of this user left behind; the prefixes removed."""
    stale = []
    for lock in folder.glob(f"{FAMILY}*{_LOCK}"):
        with locks.unheld(lock) as dead:
            if dead:
                stale.append(lock.name[: -len(_LOCK)])
                remove(stale[-1], folder)
    return tuple(stale)


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
