"""A reconstructed emission tomogram (DICOM NM, RECON TOMO): one multi-frame file is one volume of counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import Frame, Orientation, PixelFormat, read_stored

__all__ = ["Tomogram"]


@dataclass(frozen=True)
class Tomogram:
    """One reconstructed volume, from its header alone; the counts are read by :meth:`load`.

    Attributes:
        root: folder that ``file`` is relative to.
        shape: frames, rows, columns.
        spacing_mm: between frames (None where it is not said), rows and columns; ``thickness_mm`` of a frame.
        orientation: direction cosines of a row, then of a column (LPS), or None where it is not said.
        minutes: the time for which counts were gathered at each angle's place, all detectors together; None where
            the header does not say it.
        slope, intercept: of stored values to counts.
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
    orientation: Orientation | None
    minutes: float | None
    slope: float
    intercept: float
    pixel_format: PixelFormat

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.file

    def load(self) -> npt.NDArray[np.float32]:
        """Read the counts: float32 ``[frame, row, column]`` in the file's order.

        Raises:
            StudyError: code ``truncated-file``, ``unreadable-file``, ``undecodable-pixels``, ``negative-counts``
                or ``no-counts``.
        """
        stored = np.stack(read_stored(self.root, self._frames()))
        counts = (stored * self.slope + self.intercept).astype(np.float32)
        if counts.min() < 0:
            raise StudyError(
                "negative-counts", f"counts must not be negative but the least is {counts.min():g}."
            )
        if not counts.any():
            raise StudyError("no-counts", "the images must hold counts but every pixel is 0.")
        return counts

    def _frames(self) -> list[Frame]:
        count, rows, columns = self.shape
        return [
            Frame(
                file=self.file,
                sop_uid=self.sop_uid,
                index=index,
                count=count,
                rows=rows,
                columns=columns,
                pixel_format=self.pixel_format,
            )
            for index in range(count)
        ]
