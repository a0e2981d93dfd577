"""What this package needs of a CT volume, a heat map or any other picture: values on a grid."""

from __future__ import annotations

from typing import Protocol

import numpy.typing as npt

from scanserve.contracts.ct import AIR_HU
from scanserve.geometry.grid import Grid

__all__ = ["OUTSIDE_HU", "GridImage"]

#: HU where a CT volume has ended: air, the lowest value of the contract's range.
OUTSIDE_HU = AIR_HU


class GridImage(Protocol):
    """Values on a grid.

    ``values`` are ``[z, y, x]``, of any real type; their shape is that of ``grid``.
    """

    @property
    def values(self) -> npt.NDArray:
        """(Z, Y, X)."""

    @property
    def grid(self) -> Grid:
        """Where the values lie."""
