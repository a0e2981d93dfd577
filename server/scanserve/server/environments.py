"""What Triton 2.51 leaves outside a server's private folder when it is killed: empty ``/tmp/python_env_XXXXXX``.

Its python backend makes one per backend while it loads, at that place whatever the temporary folder is called, and
removes them only when it ends by itself.  They bear no name of their server; so the guardian notes in the private
folder which ones of this user appeared while its server loaded, and whoever removes that folder removes them first.
Only empty folders ever go.  Standard library only: the guardian uses it.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Set
from pathlib import Path

__all__ = ["NOTE", "found", "note", "remove_noted"]

#: The list in a private folder, one name a line.
NOTE = "python_envs"
_PLACE = Path("/tmp")
_NAME = re.compile(r"python_env_[A-Za-z0-9]{6}")


def found(place: Path = _PLACE) -> frozenset[str]:
    """The names of those that this user has now."""
    names = set()
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if _NAME.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_uid == os.getuid():
                    names.add(entry.name)
    return frozenset(names)


def note(names: Set[str], private_folder: Path) -> None:
    """Write down that ``names`` go with ``private_folder``; a folder that cannot be written to goes without."""
    with contextlib.suppress(OSError):
        (private_folder / NOTE).write_text("".join(f"{name}\n" for name in sorted(names)))


def remove_noted(private_folder: Path, place: Path = _PLACE) -> None:
    """Remove what is noted in ``private_folder``, as far as it is still there and empty."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for name in (private_folder / NOTE).read_text().splitlines():
            if _NAME.fullmatch(name):
                with contextlib.suppress(OSError):
                    (place / name).rmdir()
