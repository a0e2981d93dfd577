"""Locks that say "somebody lives here": held by a process until it ends, however it ends.

Several processes may hold the same lock; a sweeper takes it for itself alone, and finds that it cannot where somebody
lives.  Standard library only: the guardian uses it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["hold", "unheld"]


def hold(path: Path, *, make: bool = False) -> int:
    """Hold the file or folder ``path`` for the life of this process, or until the answer (a descriptor) is closed.

    Args:
        path: what is locked; never a link.
        make: whether a file is made where nothing is there.

    Raises:
        OSError: where it cannot be opened, made or locked, or was swept at this moment and is not to be made.
    """
    while True:
        descriptor = os.open(path, _flags() | (os.O_CREAT if make else 0), 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if _is_still(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


@contextlib.contextmanager
def unheld(path: Path) -> Iterator[bool]:
    """Whether nobody holds ``path``, and for the time of the block nobody can; not of what is another user's."""
    try:
        descriptor = os.open(path, _flags())
    except OSError:
        yield False
        return
    try:
        yield os.fstat(descriptor).st_uid == os.geteuid() and _lock_alone(descriptor)
    finally:
        os.close(descriptor)


def _flags() -> int:
    return os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW


def _lock_alone(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False
