"""The place of one run beside its output folder: hidden, held by one process, and swept when that is dead.

<parent>/.<name>.scanserve/    made when a run begins, removed when it ends
    lock                       held while the run lives, however it ends
    new/                       what is being written; it takes the output's name at the very end
    old/                       an earlier result, while it makes way for the new one
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import threading
from pathlib import Path

from scanserve.contracts import InputError

__all__ = ["Place", "claim"]

_PREFIX, _SUFFIX = ".", ".scanserve"
_LOCK, _NEW, _OLD = "lock", "new", "old"


class Place:
    """The place of the run that writes to ``out``; made by :func:`claim`."""

    def __init__(self, out: Path, lock: int) -> None:
        self.out = out
        self.holder = threading.current_thread()
        self._folder = _folder_of(out)
        self._lock = lock
        self._process = os.getpid()

    @property
    def is_mine(self) -> bool:
        """Whether this thread has claimed it; a child process has no part in it."""
        return self.holder is threading.current_thread() and self._process == os.getpid()

    def begin(self) -> Path:
        """An empty folder for this user alone, to be written to."""
        new = self._folder / _NEW
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        return new

    def finish(self) -> None:
        """Give what was written the output's name; what had it before goes only when that has worked."""
        if self.out.exists():
            self.out.rename(self._folder / _OLD)
        try:
            (self._folder / _NEW).rename(self.out)
        except OSError:
            _put_back(self._folder, self.out)
            raise

    def leave(self) -> None:
        """Give the place up; a second call does nothing, and neither does a child process's."""
        if self._process == os.getpid() and _CLAIMED.get(self.out) is self:
            del _CLAIMED[self.out]
            _tidy(self._folder, self.out)
            os.close(self._lock)


#: The places of this process, by output folder.
_CLAIMED: dict[Path, Place] = {}
_CLAIMING = threading.Lock()


def claim(out: Path) -> Place:
    """The place beside ``out`` (an absolute path without links) for the run in this thread.

    A thread does one run at a time: what it has claimed and not left is its own, and is given once more.  What dead
    runs left in the same folder goes, and an earlier result that one of them had put aside comes back.

    Raises:
        InputError: code ``out-in-use`` when another run writes to ``out``.
        OSError: where no folder can be made beside ``out``.
    """
    with _CLAIMING:
        place = _CLAIMED.get(out)
        if place is not None and place.is_mine:
            return place
        if place is not None and place.holder.is_alive():
            raise _in_use(out)
        if place is not None:
            place.leave()
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out.parent)
        lock = _take(out, make=True)
        if lock is None:
            raise _in_use(out)
        _CLAIMED[out] = Place(out, lock)
        return _CLAIMED[out]


@atexit.register
def _leave_all() -> None:
    for place in list(_CLAIMED.values()):
        with contextlib.suppress(OSError):
            place.leave()


def _in_use(out: Path) -> InputError:
    return InputError("out-in-use", f"another run is writing to {out}.")


def _folder_of(out: Path) -> Path:
    return out.with_name(f"{_PREFIX}{out.name}{_SUFFIX}")


def _sweep(parent: Path) -> None:
    """Tidy up after the dead runs of this user in ``parent``."""
    for folder in parent.glob(f"{_PREFIX}*{_SUFFIX}"):
        out = folder.with_name(folder.name[len(_PREFIX) : -len(_SUFFIX)])
        with contextlib.suppress(OSError):
            lock = _take(out, make=False) if folder.lstat().st_uid == os.geteuid() else None
            if lock is not None:
                _tidy(folder, out)
                os.close(lock)


def _take(out: Path, *, make: bool) -> int | None:
    """The lock of the place beside ``out``; None when another process holds it, or when there is no such place."""
    folder = _folder_of(out)
    while True:
        lock = _open_lock(folder, make=make)
        if lock is None:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            if isinstance(error, BlockingIOError):
                return None
            raise
        if _is_at(folder / _LOCK, lock):
            return lock
        os.close(lock)


def _open_lock(folder: Path, *, make: bool) -> int | None:
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if make else 0)
    while True:
        if make:
            folder.mkdir(mode=0o700, exist_ok=True)
        try:
            return os.open(folder / _LOCK, flags, 0o600)
        except FileNotFoundError:
            if not make:
                return None  # else another run tidied it up at this moment


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is the one that has the name ``path`` now."""
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _tidy(folder: Path, out: Path) -> None:
    """Remove a place whose lock is held; an earlier result without a successor comes back."""
    _put_back(folder, out)
    shutil.rmtree(folder, ignore_errors=True)


def _put_back(folder: Path, out: Path) -> None:
    if (folder / _OLD).is_dir() and not out.exists():
        (folder / _OLD).rename(out)
