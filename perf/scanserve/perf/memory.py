"""Time of a command, and its peak memory with all its processes, separately for server and client."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

__all__ = ["Usage", "is_server", "run_timed", "run_watched", "tree"]

#: Names of processes that belong to the server.
_SERVER_NAMES = ("tritonserver", "triton_python_b")
_INTERVAL_S = 0.2
_MIB = 1 << 20


@dataclass(frozen=True)
class Usage:
    """Resource usage of a command.  Memory is proportional set size in MiB: shared pages are counted once.

    ``processor_s`` is the processor time of all its processes, which other work on the machine disturbs less than
    ``seconds``.
    """

    seconds: float
    status: int
    output: str
    client_mib: float
    server_mib: float
    together_mib: float
    processor_s: float = 0.0


def run_timed(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """Run ``command`` to its end and do nothing beside it; its memory is not looked at, and its sizes are 0.

    ``output`` is stdout and stderr together.
    """
    return _run(command, environment, look_every_s=None)


def run_watched(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """As :func:`run_timed`, and look at the memory of the command with all its descendants five times a second.

    For processes of some gigabytes a look takes 0.07 s of a processor, so ``seconds`` are more than without.
    """
    return _run(command, environment, look_every_s=_INTERVAL_S)


def _run(
    command: Sequence[str], environment: Mapping[str, str] | None, *, look_every_s: float | None
) -> Usage:
    start, before = time.perf_counter(), _children_s()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    peak = _Peak()
    root = psutil.Process(process.pid)
    output: list[str] = []
    while True:
        try:
            out, _ = process.communicate(timeout=look_every_s)
            output.append(out)
            break
        except subprocess.TimeoutExpired:
            peak.sample(root)
    seconds = time.perf_counter() - start
    sizes = (peak.client, peak.server, peak.together)
    return Usage(seconds, process.returncode, "".join(output), *sizes, _children_s() - before)


def _children_s() -> float:
    """Processor time of the children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _Peak:
    def __init__(self) -> None:
        self.client = self.server = self.together = 0.0

    def sample(self, root: psutil.Process) -> None:
        client = server = 0.0
        for process in tree(root):
            name, size = _size(process)
            if name.startswith(_SERVER_NAMES):
                server += size
            else:
                client += size
        self.client, self.server = max(self.client, client), max(self.server, server)
        self.together = max(self.together, client + server)


def tree(root: psutil.Process) -> list[psutil.Process]:
    """A process and all its descendants; none once it has ended."""
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def is_server(process: psutil.Process) -> bool:
    """Whether a process belongs to the server; not where it has just ended."""
    try:
        return process.name().startswith(_SERVER_NAMES)
    except psutil.Error:
        return False


def _size(process: psutil.Process) -> tuple[str, float]:
    """Name and proportional set size in MiB; zero for a process that has just ended."""
    try:
        return process.name(), process.memory_full_info().pss / _MIB
    except (psutil.Error, ProcessLookupError):
        return "", 0.0
