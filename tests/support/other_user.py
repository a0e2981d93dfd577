"""Another user of the machine: a process with the rights of ``nobody``.  Needs root."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

__all__ = ["Prying", "needs_root", "prying", "readable"]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")

_NOBODY = 65534
_BECOME = f"import json, os, select, sys; os.setgroups([]); os.setgid({_NOBODY}); os.setuid({_NOBODY})\n"
_PRY = (
    _BECOME
    + """
folder, prefix = sys.argv[1:]
seen, opened = set(), set()
print("prying", flush=True)
while not select.select([0], [], [], 0)[0]:
    for entry in os.scandir(folder):
        if entry.name.startswith(prefix):
            seen.add(entry.name)
            try:
                os.close(os.open(entry.path, os.O_RDONLY))
                opened.add(entry.name)
            except OSError:
                pass
print(json.dumps([sorted(seen), sorted(opened)]))
"""
)
_READ = (
    _BECOME
    + """
def may(path):
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
        return True
    except OSError:
        return False
print(json.dumps([path for path in sys.argv[1:] if may(path)]))
"""
)


class Prying:
    """What the other user saw and could open, by name; filled in at the end."""

    seen: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()


@contextlib.contextmanager
def prying(folder: Path, prefix: str) -> Iterator[Prying]:
    """Try without a pause, for the time of the block, to open whatever appears in ``folder`` under ``prefix``."""
    found = Prying()
    command = [sys.executable, "-c", _PRY, str(folder), prefix]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "prying\n"
        try:
            yield found
        finally:
            answer, _ = other.communicate()
            found.seen, found.opened = map(tuple, json.loads(answer))


def readable(paths: Sequence[Path]) -> list[Path]:
    """Those of ``paths`` that the other user can read or, if they are folders, list."""
    command = [sys.executable, "-c", _READ, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [Path(path) for path in json.loads(done.stdout)]
