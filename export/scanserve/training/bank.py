"""A cache of samples: made once, stored as plain ``.npy`` files, and read memory-mapped."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

__all__ = ["Bank", "fingerprint"]


@dataclass(frozen=True)
class Bank:
    """``count`` items under ``folder``; ``make(seed)`` returns the named arrays of the item of a seed.

    ``make`` must be picklable, because worker processes call it.  The name of ``folder`` should contain the
    :func:`fingerprint` of the code that makes the items, so that items of older code are never mistaken for new ones.
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
        count = workers or min(_processors(), len(missing))
        with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_use_one_thread) as pool:
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
        return self.read_seed(self.first_seed + index)

    def read_seed(self, seed: int) -> dict[str, npt.NDArray]:
        """The arrays of the item of ``seed``, memory-mapped read-only."""
        folder = self._done(seed).parent
        return {path.stem: np.load(path, mmap_mode="r") for path in sorted(folder.glob("*.npy"))}

    def _done(self, seed: int) -> Path:
        return self.folder / f"{seed:08d}" / "done"

    def _write(self, seed: int) -> None:
        folder = self._done(seed).parent
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self.make(seed).items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        self._done(seed).touch()


def fingerprint(*makers: ModuleType) -> str:
    """Twelve hexadecimal digits of the sha256 of the sources of modules and of all modules of packages."""
    digest = hashlib.sha256()
    for maker in makers:
        for path in _sources(maker):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources(module: ModuleType) -> list[Path]:
    file = Path(module.__file__ or "")
    return sorted(file.parent.glob("*.py")) if hasattr(module, "__path__") else [file]


def _processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _use_one_thread() -> None:
    """Limit a worker to one thread: it has one processor, and more threads would only wait for each other."""
    os.environ["OMP_NUM_THREADS"] = "1"
