"""The layout of ``truth.json``, the truth of a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import Field

from scanserve.client.dat.result import Image
from scanserve.contracts.dat import TRUTH_KIND, TRUTH_VERSION
from scanserve.evaluation.records import TruthRecord, read_truth_of

__all__ = ["STRUCTURES", "TrueStructure", "Truth", "Window", "read_truth"]

#: The four structures whose binding is measured, in order.
STRUCTURES = ("caudate_right", "putamen_right", "caudate_left", "putamen_left")

Mask = npt.NDArray[np.bool_]


class Window(TruthRecord):
    """First slice, row and column of the selected window, from 0."""

    first: int = Field(ge=0)
    row: int = Field(ge=0)
    column: int = Field(ge=0)


class TrueStructure(TruthRecord):
    """A structure: its concentration relative to the cortex, and the flat ``[z, y, x]`` indices of its voxels."""

    ratio: float
    voxels: list[int]


class Truth(TruthRecord):
    """The truth of a study: the grade (0 normal to 3), structures, and the reference images."""

    grade: int = Field(ge=0, le=3)
    shape_zyx: tuple[int, int, int]
    structures: dict[str, TrueStructure]
    background: list[int]
    selection: Window
    reference: Image
    expected: Image

    def masks(self) -> dict[str, Mask]:
        """Masks ``[slice, row, column]`` of every structure and of ``background`` in the slices."""
        found = {name: self._mask(self.structures[name].voxels) for name in STRUCTURES}
        return found | {"background": self._mask(self.background)}

    def _mask(self, voxels: list[int]) -> Mask:
        whole = np.zeros(self.shape_zyx, bool)
        whole.reshape(-1)[voxels] = True
        slices, rows, columns = self.reference.shape
        at = self.selection
        return whole[at.first : at.first + slices, at.row : at.row + rows, at.column : at.column + columns]


def read_truth(path: Path) -> Truth:
    """Read a truth.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth`` or ``truth-version``.
    """
    return read_truth_of(path, Truth, TRUTH_KIND, TRUTH_VERSION)
