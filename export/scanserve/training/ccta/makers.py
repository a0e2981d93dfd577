"""Processes that make worlds beside the training, because one cannot issue all the short kernels of a world in time.

Each process makes worlds of its own share of the scenes on the device and hands them over in shared memory.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.multiprocessing as processes
from torch import Tensor

from scanserve.training.bank import Bank
from scanserve.training.ccta.live import Worlds

__all__ = ["Here", "Makers", "Source", "world_makers"]

#: Worlds of each process that wait to be taken, and the longest wait (s) for the first ones.
WAITING, PATIENCE_S = 4, 120.0


@dataclass
class Here:
    """Worlds made in this process when they are asked for."""

    worlds: Worlds
    rng: np.random.Generator

    def take(self, count: int, *, wait: bool = False) -> Iterator[dict[str, Tensor]]:
        """``count`` samples."""
        del wait
        return (self.worlds.make(self.rng) for _ in range(count))


@dataclass
class Makers:
    """Worlds that other processes have made."""

    made: Any
    running: list[Any] = field(default_factory=list)

    def take(self, count: int, *, wait: bool = False) -> Iterator[dict[str, Tensor]]:
        """At most ``count`` samples that are ready, or ``count`` of them after a ``wait``.

        Raises:
            queue.Empty: if none came in two minutes although ``wait`` was asked for.
        """
        for _ in range(count):
            try:
                yield self.made.get(block=wait, timeout=PATIENCE_S)
            except queue.Empty:
                if wait:
                    raise
                return


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
