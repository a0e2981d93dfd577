"""A server and those who ask it on processors of their own, as where the callers are other machines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Halves", "halved"]

_TASKS = Path("/proc/self/task")


@dataclass(frozen=True)
class Halves:
    """The processors of the ``server`` and of its ``callers``; the same ones where there is one alone."""

    server: tuple[int, ...]
    callers: tuple[int, ...]

    @classmethod
    def of(cls, processors: Iterable[int]) -> Halves:
        """The lower half of the processors for the server, the upper half and a middle one for the callers.

        Example:
            >>> Halves.of([0, 1, 2])
            Halves(server=(0,), callers=(1, 2))
        """
        ordered = tuple(sorted(processors))
        middle = len(ordered) // 2
        return cls(ordered[:middle] or ordered, ordered[middle:])

    def become_callers(self) -> None:
        """Move every thread of this process to the callers' processors; processes that it has started stay."""
        _move(self.callers)


@contextmanager
def halved() -> Iterator[Halves]:
    """Begin on the server's half of this process's processors; what starts there stays there.

    Afterwards this process has all its processors again.
    """
    processors = os.sched_getaffinity(0)
    halves = Halves.of(processors)
    _move(halves.server)
    try:
        yield halves
    finally:
        _move(processors)


def _move(processors: Iterable[int]) -> None:
    for task in _TASKS.iterdir():
        with suppress(ProcessLookupError):  # a thread that has ended meanwhile
            os.sched_setaffinity(int(task.name), processors)
