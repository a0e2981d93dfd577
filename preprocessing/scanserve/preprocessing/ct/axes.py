"""How a stack ``[slice, row, column]`` lies in the patient, and how it becomes ``[z, y, x]``.

The patient frame is DICOM's LPS (x to the left, y to the posterior, z to the superior side).  Stacks are
reoriented by transposing and flipping only; nothing is resampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.slices import normal_of

__all__ = ["ALIGNED_DEGREES", "Axes", "degrees_off_axes", "directions_of"]

#: Directions within this angle of a patient axis are along it: 0.1 degrees displace by 0.35 mm over 200 mm.
ALIGNED_DEGREES = 0.1


@dataclass(frozen=True)
class Axes:
    """How ``[slice, row, column]`` becomes ``[z, y, x]``.

    Attributes:
        transpose: axes of the raw array in the order ``[z, y, x]``.
        flips: which of ``(z, y, x)`` to reverse after transposing.
        aligned: whether the raw axes lie along the patient's.
    """

    transpose: tuple[int, int, int]
    flips: tuple[bool, bool, bool]
    aligned: bool

    @classmethod
    def from_orientation(cls, orientation: Sequence[float]) -> Axes:
        """The axes of slices of one ``orientation``, in order along their normal."""
        directions = directions_of(orientation)
        main = np.argmax(np.abs(directions), axis=1)
        if len(set(main)) != 3:
            return cls((0, 1, 2), (False, False, False), aligned=False)
        cosines = np.abs(directions)[range(3), main]
        raw_axis = {int(axis): raw for raw, axis in enumerate(main)}
        x, y, z = raw_axis[0], raw_axis[1], raw_axis[2]
        return cls(
            transpose=(z, y, x),
            flips=(bool(directions[z, 2] < 0), bool(directions[y, 1] < 0), bool(directions[x, 0] < 0)),
            aligned=bool((cosines >= np.cos(np.radians(ALIGNED_DEGREES))).all()),
        )

    def reorient(self, raw: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """``raw`` ``[slice, row, column]`` as a contiguous array ``[z, y, x]``."""
        steps = tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)
        return np.ascontiguousarray(raw.transpose(self.transpose)[steps])


def directions_of(orientation: Sequence[float]) -> npt.NDArray[np.float64]:
    """Directions ``(x, y, z)`` in which slices, rows and columns are counted, one a row; shape (3, 3)."""
    return np.array([normal_of(orientation), orientation[3:], orientation[:3]])


def degrees_off_axes(orientation: Sequence[float]) -> float:
    """The greatest angle in degrees between a direction of the stack and the patient axis nearest to it."""
    cosines = np.clip(np.abs(directions_of(orientation)).max(axis=1), 0, 1)
    return float(np.degrees(np.arccos(cosines.min())))
