"""Where the pixels of one image lie: a frame of a file."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.printable import printable
from scanserve.preprocessing.dicom.pixel_format import PixelFormat

__all__ = ["Frame"]


@dataclass(frozen=True)
class Frame:
    """One frame of one file.

    Attributes:
        file: path relative to the folder that was read.
        sop_uid: instance UID of the file, or ``""``.
        index: which of the file's frames, from 0.
        count: how many frames the file holds.
        rows, columns: pixels.
        pixel_format: how the pixels of the file are kept.
    """

    file: str
    sop_uid: str
    index: int
    count: int
    rows: int
    columns: int
    pixel_format: PixelFormat

    def __str__(self) -> str:
        """The frame in words, for messages: ``the file 'IM0001' (1.2.3, frame 4)``."""
        uid = printable(self.sop_uid) or "no instance UID"
        return f"the file '{printable(self.file)}' ({uid}{self._number})"

    @property
    def name(self) -> str:
        """The frame in few words, for messages that name several: ``'IM0001', frame 4``."""
        return f"'{printable(self.file)}'{self._number}"

    @property
    def _number(self) -> str:
        return f", frame {self.index + 1}" if self.count > 1 else ""
