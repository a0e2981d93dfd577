"""One analysis: the application's command as a process of its own, bounded in time and by the life of the node."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scanserve.node import bound
from scanserve.node.reasons import ANALYSIS_CRASHED, ANALYSIS_TIMEOUT, known

__all__ = ["Analyses", "Ended"]

#: The line in which a command says why it failed.
_ERROR = re.compile(r"^error \[([a-z0-9-]+)\]: ", re.MULTILINE)
#: Exit statuses that say that the study itself is not usable, or that there is nothing to report: the next try would
#: say the same.
_FINAL = frozenset({2, 3, 5})
#: Codes that speak of the machine or the server and not of the study, so that no try is counted.
_CIRCUMSTANCES = frozenset(
    {
        "disk-full",
        "out-not-writable",
        "server-exhausted",
        "server-not-back",
        "server-start-failed",
        "server-start-timeout",
        "server-unavailable",
    }
)


@dataclass(frozen=True)
class Ended:
    """How an analysis ended.

    Attributes:
        code: why there is no result; "" where there is one.
        final: whether another try would end alike.
        counts: whether it counts as a try.
    """

    code: str = ""
    final: bool = False
    counts: bool = True

    @classmethod
    def of(cls, status: int, said: str) -> Ended:
        """From the exit status, and from what was said on the standard error."""
        if status == 0:
            return cls()
        codes = _ERROR.findall(said)
        code = known(codes[-1]) if codes else ANALYSIS_CRASHED
        if code in _CIRCUMSTANCES:
            return cls(code, counts=False)
        return cls(code, final=status in _FINAL and bool(codes))


class Analyses:
    """The processes of the analyses that run, by job; any of them can be ended."""

    def __init__(self, environment: Mapping[str, str], limit_s: float) -> None:
        self._environment, self._limit_s = dict(environment), limit_s
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._lock = threading.Lock()
        #: Whether the node ends, so that an end of an analysis says nothing about its study.
        self.interrupted = False

    def run(self, job: int, command: Sequence[str], folder: Path, extra: Mapping[str, str]) -> Ended:
        """Run a command to its end.

        Args:
            job: by which it can be ended.
            command: program and arguments.
            folder: where it may put temporary files.
            extra: further variables of its environment.
        """
        environment = {**os.environ, **self._environment, **extra, "TMPDIR": str(folder)}
        parent = (sys.executable, "-I", "-S", bound.__file__, str(os.getpid()))
        process = subprocess.Popen(
            [*parent, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        with self._lock:
            self._processes[job] = process
        try:
            return self._await(process)
        finally:
            with self._lock:
                del self._processes[job]

    def running(self) -> list[int]:
        """The jobs whose analysis runs."""
        with self._lock:
            return list(self._processes)

    def end(self, job: int) -> None:
        """End what runs for a job, if anything does."""
        with self._lock:
            process = self._processes.get(job)
            if process is not None:
                _kill(process)

    def interrupt(self) -> None:
        """End everything that runs, because the node ends."""
        self.interrupted = True
        with self._lock:
            for process in self._processes.values():
                _kill(process)

    def _await(self, process: subprocess.Popen[str]) -> Ended:
        try:
            _, said = process.communicate(timeout=self._limit_s)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.communicate()
            return Ended(ANALYSIS_TIMEOUT)
        return Ended.of(process.returncode, said)


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
