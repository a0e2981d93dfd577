"""Where the server keeps its logs and caches, and how the logs are kept from growing."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

__all__ = ["LOG_LIMIT_BYTES", "cache_folder", "limit_log", "log_folder", "new_log", "start_log"]

#: A log that has grown past this is moved to ``<name>.1`` and begun again.
LOG_LIMIT_BYTES = 16 << 20
_KEPT_LOGS = 10
_KEPT_S = 14 * 86400
_PRIVATE = 0o600


def log_folder() -> Path:
    """``$XDG_STATE_HOME/scanserve``, or a private one in the temporary folder where that is not writable."""
    return _private("XDG_STATE_HOME", ".local/state")


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/scanserve``, or a private one in the temporary folder where that is not writable."""
    return _private("XDG_CACHE_HOME", ".cache")


def new_log(grpc_port: int) -> Path:
    """The log of the server at ``grpc_port``; the oldest logs there go."""
    folder = log_folder()
    _prune(folder)
    return folder / f"server-{grpc_port}.log"


def start_log(path: Path) -> None:
    """Begin a log, readable by this user alone; what it held before becomes ``<name>.1``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        return  # a device or a pipe: neither kept nor changed
    if path.exists() and path.stat().st_size:
        path.replace(_previous(path))
        _previous(path).chmod(_PRIVATE)
    os.close(_opened(path))


def limit_log(path: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> bool:
    """Move a log that is too large to ``<name>.1`` while its writer goes on appending; whether it was."""
    if not path.is_file() or path.stat().st_size <= limit_bytes:
        return False
    with open(path, "rb") as log, open(_opened(_previous(path)), "wb") as previous:
        shutil.copyfileobj(log, previous)
    os.truncate(path, 0)
    return True


def _opened(path: Path) -> int:
    """A descriptor of an emptied file that this user alone may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE)
    os.fchmod(descriptor, _PRIVATE)
    return descriptor


def _previous(path: Path) -> Path:
    return path.with_name(path.name + ".1")


def _prune(folder: Path) -> None:
    logs = sorted(folder.glob("server-*.log*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for log in logs[_KEPT_LOGS:]:
        if time.time() - log.stat().st_mtime > _KEPT_S:
            with contextlib.suppress(OSError):
                log.unlink()


def _private(variable: str, default: str) -> Path:
    base = os.environ.get(variable) or Path.home() / default
    for folder in (Path(base, "scanserve"), Path(tempfile.gettempdir(), f"scanserve-{os.getuid()}")):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            if os.access(folder, os.W_OK) and _is_own(folder):
                return folder
    return Path(tempfile.mkdtemp(prefix="scanserve-"))


def _is_own(folder: Path) -> bool:
    """Whether this user alone may look into ``folder``, or can be made to; a link is nobody's."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return False
    folder.chmod(stat.S_IMODE(found.st_mode) & 0o700)
    return True
