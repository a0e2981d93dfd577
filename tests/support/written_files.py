"""Which files a command and everything that it starts open for writing: by ``strace``.  Linux."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

__all__ = ["possible", "traced", "written"]

#: ``open`` that may write and that succeeded; ``-y`` shows the path of the descriptor that it gives.
_OPENED = re.compile(
    r"(?:open|openat|openat2|creat)\(.*(?:O_WRONLY|O_RDWR|O_CREAT|creat\().*\) = \d+<([^>]+)>$"
)


def possible() -> str:
    """Empty where a process can be traced, else why not."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else ""


def traced(log: Path, *command: str) -> list[str]:
    """The command that runs ``command`` and writes what it opens to ``log``."""
    return [
        *("strace", "-f", "-y", "--seccomp-bpf", "-qq", "-s", "4096"),
        *("-e", "trace=open,openat,openat2,creat", "-e", "signal=none", "-o", str(log)),
        *command,
    ]


def written(log: Path) -> set[Path]:
    """The files that were opened for writing."""
    return set(_written(log.read_text(errors="replace").splitlines()))


def _written(lines: list[str]) -> Iterator[Path]:
    for line in _whole(lines):
        if found := _OPENED.search(line):
            yield Path(found[1])


def _whole(lines: list[str]) -> Iterator[str]:
    """Calls that another thread had interrupted, in one line."""
    begun: dict[str, str] = {}
    for line in lines:
        thread, _, rest = line.partition(" ")
        if rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>")
        elif " resumed>" in rest:
            yield begun.pop(thread, "") + rest.partition(" resumed>")[2]
        else:
            yield rest
