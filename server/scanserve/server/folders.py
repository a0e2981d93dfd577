"""The private folder of a server: where it may lie, and how those of dead servers go.

It holds the backends, links to the models, and what Triton puts into the temporary folder.  Triton's python backend
hands paths in it to a shell as they are, so only a folder whose name means nothing to a shell is taken, whatever the
environment calls the temporary one.  Standard library and the error tree only.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scanserve.contracts import ServerError
from scanserve.server import environments, locks, shm

__all__ = ["NEEDED_BYTES", "make", "remove", "sweep"]

#: The backends are copied there (3 MiB), and Triton needs some room for its own.
NEEDED_BYTES = 16 << 20
#: Letters, digits and marks that no shell gives a meaning.
_PLAIN = re.compile(r"[A-Za-z0-9/._+@-]+")
#: Where temporary files go on every Unix, after what the environment names.
_USUAL = (Path("/tmp"), Path("/var/tmp"))


def make(prefix: str) -> tuple[Path, int]:
    """A new folder ``prefix`` for this user alone, and the descriptor that holds it until it is closed.

    Raises:
        ServerError: code ``machine-too-small`` when no place is fit for one; the message says why, place by place.
    """
    reasons = []
    for place in _places():
        reason = _unfit(place)
        if not reason:
            try:
                (place / prefix).mkdir(mode=0o700)
                return place / prefix, locks.hold(place / prefix)
            except OSError as error:
                reason = error.strerror or type(error).__name__
        reasons.append(f"{place} ({reason})")
    raise ServerError(
        "machine-too-small",
        f"the server needs a temporary folder with {NEEDED_BYTES >> 20} MiB free, but of those that TMPDIR and "
        f"custom name none will do: {', '.join(reasons)}.",
    )


def sweep() -> None:
    """Remove the folders that dead servers of this user left behind.

    A server of an earlier version holds its shared memory alone, so a folder whose launch lives there stays too.
    """
    for place in _places():
        with contextlib.suppress(OSError):
            for folder in place.glob(f"{shm.FAMILY}*"):
                with locks.unheld(folder) as dead:
                    if dead and not shm.is_held(folder.name):
                        remove(folder)


def remove(folder: Path) -> None:
    """Remove a private folder, and before it what Triton has put elsewhere; what is not there is no error."""
    environments.remove_noted(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _places() -> Iterator[Path]:
    with contextlib.suppress(OSError):  # nowhere to write at all: the usual places say so themselves
        named = Path(tempfile.gettempdir())
        if named not in _USUAL:
            yield named
    yield from _USUAL


def _unfit(place: Path) -> str:
    """Why ``place`` cannot hold a server's folder; empty where it can."""
    if not _PLAIN.fullmatch(str(place)):
        return "its name holds characters that a shell would take for something else"
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return "not a folder that may be written to"
    room = os.statvfs(place)
    if room.f_flag & os.ST_NOEXEC:
        return "no program may run from it"
    free = room.f_bavail * room.f_frsize
    return f"{free >> 20} MiB free" if free < NEEDED_BYTES else ""
