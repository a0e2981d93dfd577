"""The shared-memory regions of a server: named so that exactly the stale ones can be swept.

Every launch takes a prefix of its own for the regions of its python stubs, and its guardian process holds
a lock on ``/dev/shm/<prefix>_lock`` while it lives.  A lock that nobody holds marks regions that nobody uses.
Standard library only: the guardian uses it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

__all__ = ["hold", "new_prefix", "remove", "sweep"]

SHM = Path("/dev/shm")
_FAMILY = "scanserve_server_"
_LOCK = "_lock"


def new_prefix() -> str:
    """A prefix no other launch has."""
    return f"{_FAMILY}{secrets.token_hex(8)}"


def hold(prefix: str, folder: Path = SHM) -> int:
    """Lock ``prefix`` for the life of this process (or until the returned descriptor is closed)."""
    descriptor = os.open(folder / f"{prefix}{_LOCK}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def remove(prefix: str, folder: Path = SHM) -> None:
    """Remove every region of ``prefix``, and its lock last."""
    lock = folder / f"{prefix}{_LOCK}"
    for region in folder.glob(f"{prefix}*"):
        if region != lock:
            _unlink(region)
    _unlink(lock)


def sweep(folder: Path = SHM) -> tuple[str, ...]:
    """Remove what dead servers of this user left behind; the prefixes removed."""
    stale = tuple(
        lock.name[: -len(_LOCK)] for lock in folder.glob(f"{_FAMILY}*{_LOCK}") if not _is_held(lock)
    )
    for prefix in stale:
        remove(prefix, folder)
    return stale


def _is_held(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return True  # another user's, or just gone: not ours to judge
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
