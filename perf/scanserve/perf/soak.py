"""Many requests of mixed shapes to one server: what it holds must not grow.

A :class:`Holding` is what all its processes hold at one moment: memory (proportional set size, so that shared pages
count once), descriptors, threads, and the bytes of its regions in ``/dev/shm``.  The first part of a soak is warm-up;
after it the last part is compared with the first: arenas that fill up show in the warm-up, a leak goes on.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

__all__ = ["Growth", "Holding", "hold", "judge_growth", "soak"]

_MIB = 1 << 20
#: Share of the requests that are warm-up, and the largest growth after it that is no leak.
WARM_UP, ALLOWED = 0.3, 0.03
_SAMPLES = 60


@dataclass(frozen=True)
class Holding:
    """What the processes of a server hold after so many requests."""

    requests: int
    memory_mib: float
    descriptors: int
    threads: int
    shared_mib: float


@dataclass(frozen=True)
class Growth:
    """Medians of the first and the last third after the warm-up, of one thing that is held."""

    what: str
    first: float
    last: float

    @property
    def relative(self) -> float:
        """The growth, relative to the first."""
        return self.last / self.first - 1 if self.first else float(self.last > 0)

    @property
    def kept(self) -> bool:
        """Whether it has not grown by more than is allowed."""
        return self.relative <= ALLOWED + 1e-9

    def __str__(self) -> str:
        word = "flat" if self.kept else "GROWS"
        return f"{self.what}: {self.first:.0f} to {self.last:.0f} ({100 * self.relative:+.1f} %): {word}"


def soak(
    asks: Sequence[Callable[[], object]], requests: int, look: Callable[[int], Holding]
) -> tuple[Holding, ...]:
    """Ask ``requests`` times, each of ``asks`` in turn, and look at what is held in between.

    Args:
        asks: what is asked, for example the same model with several shapes.
        requests: how often in all.
        look: what is held now, after so many requests.
    """
    every = max(1, requests // _SAMPLES)
    held = []
    for number in range(1, requests + 1):
        asks[number % len(asks)]()
        if number % every == 0:
            held.append(look(number))
    return tuple(held)


def hold(pids: Sequence[int], regions: Sequence[Path], requests: int) -> Holding:
    """What the processes ``pids`` and all their descendants hold, and the shared-memory files ``regions``."""
    memory = descriptors = threads = 0
    for process in _tree(pids):
        try:
            with process.oneshot():
                memory += process.memory_full_info().pss
                descriptors += process.num_fds()
                threads += process.num_threads()
        except (psutil.Error, ProcessLookupError):
            continue
    shared = sum(file.stat().st_blocks * 512 for file in regions if file.exists())
    return Holding(requests, memory / _MIB, descriptors, threads, shared / _MIB)


def judge_growth(held: Sequence[Holding]) -> tuple[Growth, ...]:
    """How much each thing that is held has grown after the warm-up."""
    after = held[round(WARM_UP * len(held)) :]
    third = max(1, len(after) // 3)
    first, last = after[:third], after[-third:]
    names = [name for name in asdict(held[0]) if name != "requests"]
    return tuple(Growth(name, _median(first, name), _median(last, name)) for name in names)


def _median(held: Sequence[Holding], name: str) -> float:
    return float(statistics.median(getattr(item, name) for item in held))


def _tree(pids: Sequence[int]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        try:
            root = psutil.Process(pid)
            found |= {process.pid: process for process in (root, *root.children(recursive=True))}
        except psutil.Error:
            continue
    return list(found.values())
