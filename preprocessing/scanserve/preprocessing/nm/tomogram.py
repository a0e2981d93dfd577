"""A reconstructed emission tomogram (DICOM NM, RECON TOMO): one multi-frame file is one volume of counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import Frame, Orientation, PixelFormat, Position, read_stored
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.nm.counts import Counts, to_counts
from scanserve.preprocessing.nm.scale import Scale

__all__ = ["Tomogram"]


@dataclass(frozen=True)
class Tomogram:
    """One reconstructed volume, from its header alone; the counts are read by :meth:`load`.

    Attributes:
        root: folder that ``file`` is relative to.
        shape: frames, rows, columns.
        spacing_mm: between frames (None where it is not said), rows and columns; ``thickness_mm`` of a frame.
        step_mm: from one frame to the next along the normal of the slices, with its sign: the spacing, or the
            thickness where only that is said; None where neither is.
        orientation: direction cosines of a row, then of a column (LPS), or None where it is not said.
        position: of the first pixel of the first frame, or None where it is not said.
        minutes: the time for which counts were gathered at each angle's place, all detectors together; None where
            the header does not say it.
        scale: of stored values to counts.
        findings: what the header leaves to be said.
    """

    root: Path
    file: str
    sop_uid: str
    series_uid: str
    study_uid: str
    series_number: int | None
    description: str
    shape: tuple[int, int, int]
    spacing_mm: tuple[float | None, float, float]
    thickness_mm: float | None
    step_mm: float | None
    orientation: Orientation | None
    minutes: float | None
    scale: Scale
    pixel_format: PixelFormat
    position: Position | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.file

    @property
    def slope(self) -> float:
        """Counts of one step of the stored values."""
        return self.scale.slope

    @property
    def intercept(self) -> float:
        """Counts of the stored value 0."""
        return self.scale.intercept

    def load(self) -> npt.NDArray[np.float32]:
        """As :meth:`counts`, without what was done to them."""
        return self.counts().values

    def counts(self) -> Counts:
        """Read the counts, in the file's order of frames.

        Raises:
            StudyError: code ``truncated-file``, ``unreadable-file``, ``undecodable-pixels``, ``bits-invalid``,
                ``negative-counts`` or ``no-counts``.
        """
        if self.pixel_format.truncated:
            raise StudyError(
                "truncated-file", f"{self._frame(0)} is truncated: its pixel data ends too early."
            )
        frames = [self._frame(index) for index in range(self.shape[0])]
        return to_counts(np.stack(read_stored(self.root, frames)), self.scale)

    def _frame(self, index: int) -> Frame:
        count, rows, columns = self.shape
        return Frame(
            file=self.file,
            sop_uid=self.sop_uid,
            index=index,
            count=count,
            rows=rows,
            columns=columns,
            pixel_format=self.pixel_format,
        )
