"""Slices of phantom patients: the short acquisition, the long acquisition, and the noise-free image.

Symbols: P patients, S slices of a patient.  All three images of a slice have the same scale: counts per minute,
divided by the maximum of the slice in the short acquisition.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry import grid
from scanserve.phantoms import dat as brain
from scanserve.preprocessing import dat as preprocessing
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.dat.seeds import Split
from scanserve.training.recipe import Sources

__all__ = ["Slices"]

Float = npt.NDArray[np.float32]


class Slices:
    """All slices of ``count`` patients of a split, read once: 5 x 64 x 64 floats per patient and image."""

    def __init__(self, sources: Sources, split: Split, count: int | None = None) -> None:
        """Raises InputError, code ``phantoms-only``, if the sources name annotated studies."""
        if sources.data is not None:
            raise InputError(
                "phantoms-only", "--data must be omitted: these networks are trained on phantoms only."
            )
        folder = sources.cache / f"brain-{fingerprint(brain, grid, preprocessing)}"
        self._bank = Bank(folder, split.first_seed, count or split.patients, brain.make_slices)

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the missing patients."""
        self._bank.prepare(progress)

    @cached_property
    def noisy(self) -> Float:
        """The short acquisition, ``[P S, 64, 64]``, 0..1."""
        return self._read("noisy")

    @cached_property
    def reference(self) -> Float:
        """The long acquisition, like :attr:`noisy`."""
        return self._read("reference")

    def _read(self, name: str) -> Float:
        return np.concatenate([self._bank.read(index)[name] for index in range(len(self._bank))])
