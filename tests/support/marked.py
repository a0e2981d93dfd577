"""A command whose processes can be told from all others, however they were started: by a mark in their environment."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["MARK", "Marked", "run_marked"]

MARK = "SCANSERVE_TEST_MARK"


class Marked:
    """A mark, as an environment variable that every process of the command inherits."""

    def __init__(self) -> None:
        self.value = secrets.token_hex(8)

    def environment(self, **more: str) -> dict[str, str]:
        """This process's environment with the mark and ``more``."""
        return {**os.environ, MARK: self.value, "NO_COLOR": "1", "COLUMNS": "200", **more}

    def processes(self) -> dict[int, str]:
        """The living processes with the mark: process id and command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"{MARK}={self.value}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return {pid: command for pid, command in found.items() if command}


def run_marked(
    command: Sequence[str],
    *,
    timeout_s: float,
    settle_s: float = 5.0,
    environment: Mapping[str, str] | None = None,
) -> tuple[subprocess.CompletedProcess[str], float, dict[int, str]]:
    """Run ``command``; how it ended, how many seconds it took, and what of it still runs ``settle_s`` later."""
    marked = Marked()
    start = time.monotonic()
    done = subprocess.run(
        command,
        env=marked.environment(**(environment or {})),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    took = time.monotonic() - start
    deadline = time.monotonic() + settle_s
    while (left := marked.processes()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return done, took, left
