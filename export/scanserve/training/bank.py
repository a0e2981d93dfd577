"""Samples that are slow to make are made once, kept as plain ``.npy`` files, and read memory-mapped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["Bank"]


@dataclass(frozen=True)
class Bank:
    """``count`` items under ``folder``; ``make(seed)`` returns the named arrays of the item of a seed.

    ``make`` must be a module-level function, so that worker processes can find it.
    """

    folder: Path
    first_seed: int
    count: int
    make: Callable[[int], Mapping[str, npt.NDArray]]

    def prepare(self, progress: Callable[[int, int], None] | None = None, workers: int | None = None) -> None:
        """Make the missing items in worker processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        missing = [seed for seed in self.seeds if not self._done(seed).is_file()]
        if not missing:
            return
        count = workers or min(os.cpu_count() or 1, len(missing))
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            for done, _ in enumerate(pool.map(self._write, missing), 1):
                if progress:
                    progress(done, len(missing))

    @property
    def seeds(self) -> range:
        """The seeds of all items."""
        return range(self.first_seed, self.first_seed + self.count)

    def __len__(self) -> int:
        return self.count

    def read(self, index: int) -> dict[str, npt.NDArray]:
        """The arrays of item ``index``, memory-mapped read-only."""
        folder = self._done(self.first_seed + index).parent
        return {path.stem: np.load(path, mmap_mode="r") for path in sorted(folder.glob("*.npy"))}

    def _done(self, seed: int) -> Path:
        return self.folder / f"{seed:08d}" / "done"

    def _write(self, seed: int) -> None:
        folder = self._done(seed).parent
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self.make(seed).items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        self._done(seed).touch()
