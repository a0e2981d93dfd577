"""The slices of the striatum and the pixels around it: what goes to a network, and the way back.

The slice of greatest maximum count and two on either side, each cropped to its central 64 x 64 pixels and divided
by its own greatest count.  The greatest count of a slice is that of the whole slice, before the crop.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.contracts.dat import IMAGE_SIZE, SLICES

__all__ = ["Selection", "select_slices"]

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Selection:
    """Which slices and pixels of a volume ``[slice, row, column]`` were taken, and what they were divided by.

    Attributes:
        first: index of the first of the five consecutive slices, from 0.
        row, column: index of the crop's first pixel.
        scales: the greatest count of every slice taken, > 0.
    """

    first: int
    row: int
    column: int
    scales: tuple[float, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        """Indices of the slices taken, from 0."""
        return tuple(range(self.first, self.first + len(self.scales)))

    def cut(self, volume: Array) -> npt.NDArray[np.float32]:
        """The same pixels of a volume of the same shape, on the same scales: float32 (5, 64, 64)."""
        rows, columns = self._window()
        part = volume[self.first : self.first + len(self.scales), rows, columns]
        return (part / self._divisors()).astype(np.float32)

    def put_back(self, slices: Array, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
        """Whole slices (5, row, column) of ``shape`` with ``slices`` (5, 64, 64) in place, in counts; 0 around."""
        rows, columns = self._window()
        whole = np.zeros((len(self.scales), *shape), np.float32)
        whole[:, rows, columns] = slices * self._divisors()
        return whole

    def _window(self) -> tuple[slice, slice]:
        return slice(self.row, self.row + IMAGE_SIZE), slice(self.column, self.column + IMAGE_SIZE)

    def _divisors(self) -> npt.NDArray[np.float64]:
        return np.array(self.scales)[:, None, None]


def select_slices(volume: Array) -> Selection:
    """Choose from a volume ``[slice, row, column]`` in counts, all of them >= 0.

    Raises:
        StudyError: code ``too-few-slices``, ``matrix-too-small``, ``no-counts``, or ``striatum-at-edge`` where the
            slice of greatest count has no two slices on either side.
    """
    _check_shape(volume.shape)
    greatest = volume.max(axis=(1, 2))
    brightest, half = int(np.argmax(greatest)), SLICES // 2
    first = brightest - half
    if first < 0 or first + SLICES > len(volume):
        raise StudyError(
            "striatum-at-edge",
            f"the slice of greatest count must have {half} slices on either side but is number "
            f"{brightest + 1} of {len(volume)}.",
        )
    scales = tuple(float(value) for value in greatest[first : first + SLICES])
    if min(scales) <= 0:
        raise StudyError("no-counts", "every slice of the striatum must hold counts but one has none.")
    row, column = ((size - IMAGE_SIZE) // 2 for size in volume.shape[1:])
    return Selection(first, row, column, scales)


def _check_shape(shape: tuple[int, ...]) -> None:
    if shape[0] < SLICES:
        raise StudyError("too-few-slices", f"at least {SLICES} slices are needed but there are {shape[0]}.")
    if min(shape[1:]) < IMAGE_SIZE:
        raise StudyError(
            "matrix-too-small",
            f"slices must have at least {IMAGE_SIZE} x {IMAGE_SIZE} pixels but have {shape[1]} x {shape[2]}.",
        )
