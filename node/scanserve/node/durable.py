"""Files that are on the disk when a function returns, whatever ends the process or the power afterwards."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

__all__ = ["make_folder", "sync_folder", "sync_tree", "write_durably", "write_synced"]


def write_synced(path: Path, data: bytes | memoryview) -> None:
    """Write a new, private file, and wait until the disk has what it holds; its name is not durable yet."""
    with open(path, "xb", opener=_private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def write_durably(path: Path, data: bytes) -> None:
    """Write ``path`` as a whole: after a crash it holds all of ``data``, or what it held before."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        write_synced(temporary, data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder, durably, for nobody else to look into; one that is there is left as it is."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(path: Path) -> None:
    """Wait until the disk has everything below a folder."""
    for folder, _, names in os.walk(path):
        for name in names:
            descriptor = os.open(os.path.join(folder, name), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(folder))
