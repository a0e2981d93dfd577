"""The interface of a CT volume, a heat map or any other image: values on a grid."""

from __future__ import annotations

from typing import Protocol

import numpy.typing as npt

from scanserve.contracts.ct import AIR_HU
from scanserve.geometry.grid import Grid

__all__ = ["OUTSIDE_HU", "GridImage"]

#: HU outside a CT volume: air, the lowest value of the contract's range.
OUTSIDE_HU = AIR_HU


class GridImage(Protocol):
    """Values on a grid.

    ``values`` are ``[z, y, x]``, of any real type, with the shape of ``grid``.
    """

    @property
    def values(self) -> npt.NDArray:
        """The values (Z, Y, X)."""

    @property
    def grid(self) -> Grid:
        """The grid of the values."""
