"""Processes that make worlds beside the training, because one cannot issue all the short kernels of a world in time.

Each process makes worlds of its own share of the scenes on the device and hands them over in shared memory.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.multiprocessing as processes
from torch import Tensor

from scanserve.contracts import SetupError
from scanserve.training.bank import Bank
from scanserve.training.ccta.live import Worlds

__all__ = ["Here", "Makers", "Source", "world_makers"]

#: Worlds of each process that wait to be taken, and how often (s) somebody who waits looks whether all still live.
WAITING, LOOK_S = 4, 1.0


@dataclass
class Here:
    """Worlds made in this process when they are asked for."""

    worlds: Worlds
    rng: np.random.Generator

    def first(self, count: int) -> Iterator[dict[str, Tensor]]:
        """``count`` samples."""
        return (self.worlds.make(self.rng) for _ in range(count))

    ready = first


@dataclass
class Makers:
    """Worlds that other processes make."""

    made: Any
    running: list[Any] = field(default_factory=list)

    def first(self, count: int) -> Iterator[dict[str, Tensor]]:
        """``count`` samples, however long they take.

        Raises:
            SetupError: code ``maker-ended`` when one of the processes has.
        """
        while count:
            with suppress(queue.Empty):
                yield self.made.get(timeout=LOOK_S)
                count -= 1
            self._check()

    def ready(self, count: int) -> Iterator[dict[str, Tensor]]:
        """The samples that are ready, at most ``count``; nobody waits for more.

        Raises:
            SetupError: as :meth:`first`.
        """
        self._check()
        with suppress(queue.Empty):
            for _ in range(count):
                yield self.made.get_nowait()

    def _check(self) -> None:
        ended = [process.exitcode for process in self.running if not process.is_alive()]
        if ended:
            raise SetupError(
                "maker-ended",
                f"{len(self.running)} processes must make worlds but {len(ended)} ended, with status {ended[0]}.",
            )


Source = Here | Makers


@contextmanager
def world_makers(
    count: int, scenes: Bank, hosts: Bank | None, device: torch.device, seed: tuple[int, int]
) -> Iterator[Source]:
    """``count`` processes that make worlds on ``device``, or none, which makes them here."""
    if not count:
        yield Here(Worlds(scenes, hosts, device), np.random.default_rng(seed))
        return
    context = processes.get_context("spawn")
    made = context.Queue(count * WAITING)
    running = [
        context.Process(
            target=_make, args=(made, scenes, hosts, device, (*seed, part), (part, count)), daemon=True
        )
        for part in range(count)
    ]
    try:
        for process in running:
            process.start()
        yield Makers(made, running)
    finally:
        for process in running:
            process.kill()
            process.join()


def _make(
    made: Any,
    scenes: Bank,
    hosts: Bank | None,
    device: torch.device,
    seed: tuple[int, ...],
    share: tuple[int, int],
) -> None:
    """Make worlds until this process is killed."""
    torch.set_num_threads(1)
    worlds, rng = Worlds(scenes, hosts, device, share), np.random.default_rng(seed)
    while True:
        made.put({name: value.cpu() for name, value in worlds.make(rng).items()})
