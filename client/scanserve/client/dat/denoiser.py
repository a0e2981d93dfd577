"""What restores slices: a served network or a classical filter, behind one interface."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from scanserve.contracts import ModelSpec

__all__ = ["Denoiser", "Slices"]

#: float32 (N, 64, 64) ``[slice, row, column]``; 1 is the greatest count of the slice it came from.
Slices = npt.NDArray[np.float32]


class Denoiser(Protocol):
    """Restores slices, each on its own.

    ``name`` is what the command line calls it, ``title`` what people call it; ``models`` are the served models that it
    needs, none for a filter that runs here.
    """

    @property
    def name(self) -> str:
        """The method, as it is chosen."""

    @property
    def title(self) -> str:
        """The method, as it is written in a report."""

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """The served models that it needs."""

    def __call__(self, slices: Slices) -> Slices:
        """Slices in, restored slices of the same shape and scale out.

        Raises:
            ServerError: the server is absent, died, or refused.
        """
