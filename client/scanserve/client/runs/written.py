"""What a run has written, listed with hashes in its output folder, so that nothing else is ever removed.

The list is ``.scanserve.sha256``, in the format of ``sha256sum``: ``sha256sum --check .scanserve.sha256`` tells whether
an output is as it was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

__all__ = ["LIST", "foreign", "make_private", "write_list"]

LIST = ".scanserve.sha256"


def write_list(folder: Path) -> None:
    """List every file of ``folder``."""
    lines = sorted(f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder))
    (folder / LIST).write_text("".join(lines), encoding="utf-8")


def foreign(folder: Path) -> list[str]:
    """What lies in ``folder`` and no run has written like this, by relative name, sorted; every file without a list."""
    listed = _read_list(folder)
    names = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name != LIST and (path.is_symlink() or listed.get(name) != _sha256(path)):
            names.append(name)
    return sorted(names)


def make_private(folder: Path) -> None:
    """Leave ``folder`` and all in it to its owner alone; what is stricter already stays so."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            allowed = 0o700 if path.is_dir() else 0o600
            path.chmod(path.stat().st_mode & allowed)


def _files(folder: Path) -> Iterator[Path]:
    """Everything in ``folder`` that is not a folder itself, links included."""
    return (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def _read_list(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        digest = hashlib.sha256()
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()
