"""Where a part of a film lies in the networks' frame, and where the film lies among square pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import zoom

from scanserve.contracts.spine import LARGEST_FILM_BYTES, LARGEST_FILM_SIDE

__all__ = ["Placement", "Points", "Square"]

#: (..., 2) ``(x, y)``.
Points = npt.NDArray[np.float64]
#: Bytes of a pixel that is sent; and a share that leaves room for rounding to whole rows and columns.
_BYTES, _ROUNDED = 4, 0.999


@dataclass(frozen=True)
class Placement:
    """A network pixel is a pixel of the square film times ``scale`` plus ``(x, y)``."""

    scale: float
    x: float
    y: float

    def to_network(self, points: npt.ArrayLike) -> Points:
        """Points (..., 2) of the square film in network pixels."""
        return np.asarray(points, np.float64) * self.scale + (self.x, self.y)

    def to_film(self, points: npt.ArrayLike) -> Points:
        """Points (..., 2) in network pixels as those of the square film."""
        return (np.asarray(points, np.float64) - (self.x, self.y)) / self.scale


@dataclass(frozen=True, eq=False)
class Square:
    """A film whose pixels are as high as wide: the networks must not see a squeezed spine.

    Attributes:
        values: float32 ``[row, column]``, 0 to 1.
        factors: ``(x, y)``: how many square pixels one pixel of the film takes.
    """

    values: npt.NDArray[np.float32]
    factors: tuple[float, float]

    @classmethod
    def of(cls, values: npt.NDArray[np.float32], pixel: tuple[float, float]) -> Square:
        """From a film and the distances between its rows and columns; the shorter side of a pixel is kept.

        Films larger than what a server takes are made smaller.
        """
        shrink = _shrink(values.shape, pixel)
        rows, columns = (shrink * side / min(pixel) for side in pixel)
        if (rows, columns) == (1.0, 1.0):
            return cls(values, (1.0, 1.0))
        made = np.clip(zoom(values, (rows, columns), order=1, grid_mode=True, mode="nearest"), 0, 1)
        exact = [new / old for new, old in zip(made.shape, values.shape, strict=True)]
        return cls(made, (exact[1], exact[0]))

    def from_film(self, points: npt.ArrayLike) -> Points:
        """Points (..., 2) of the film among the square pixels; centres of pixels have whole coordinates in both."""
        return (np.asarray(points, np.float64) + 0.5) * self.factors - 0.5

    def to_film(self, points: npt.ArrayLike) -> Points:
        """Points (..., 2) among the square pixels in the film."""
        return (np.asarray(points, np.float64) + 0.5) / self.factors - 0.5


def _shrink(shape: tuple[int, ...], pixel: tuple[float, float]) -> float:
    """By how much a film in square pixels is to become smaller, so that it can be sent; 1 for almost all."""
    sides = [size * side / min(pixel) for size, side in zip(shape, pixel, strict=True)]
    longest = LARGEST_FILM_SIDE / max(sides)
    area = (LARGEST_FILM_BYTES / _BYTES / (sides[0] * sides[1])) ** 0.5
    return min(1.0, longest, area * _ROUNDED)
