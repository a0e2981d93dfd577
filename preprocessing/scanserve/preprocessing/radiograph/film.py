"""One plain film, from its header alone; the pixels are read by :meth:`Film.load`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import Frame, PixelFormat, read_stored
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.radiograph.picture import read_picture
from scanserve.preprocessing.radiograph.polarity import Polarity, polarity_of
from scanserve.preprocessing.radiograph.rendering import Rendering
from scanserve.preprocessing.radiograph.scale import Scale

__all__ = ["Film", "FilmImage", "Kind"]

#: What a film was written as: computed radiography, digital X-ray, a secondary capture, or a PNG or JPEG picture.
Kind = Literal["CR", "DX", "SC", "picture"]


@dataclass(frozen=True, eq=False)
class FilmImage:
    """What a film shows.

    Attributes:
        values: float32 ``[row, column]``, 0 to 1, as its header says it is to be shown.
        polarity: whether its pixels show dense tissue bright.
        sha256: of the size and the values to 16 bits, so that two films with the same are the same.
    """

    values: npt.NDArray[np.float32]
    polarity: Polarity
    sha256: str

    @classmethod
    def of(cls, values: npt.NDArray[np.float32]) -> FilmImage:
        """From values ``[row, column]``, 0 to 1."""
        digest = hashlib.sha256(np.array(values.shape, "<u4").tobytes())
        digest.update(np.rint(values * 65535).astype("<u2").tobytes())
        return cls(values, polarity_of(values), digest.hexdigest())

    def inverted(self) -> FilmImage:
        """The same film with black and white exchanged."""
        return FilmImage.of(1 - self.values)


@dataclass(frozen=True, eq=False)
class Film:
    """One film.

    Attributes:
        root: folder that ``file`` is relative to.
        kind: what it was written as.
        view: ViewPosition in capitals, or ``""``; ``body_part`` and ``description`` likewise as the header states them.
        orientation: PatientOrientation: where a row and a column lead to, or ``()``.
        shape: rows, columns.
        scale: the size of a pixel; None where it is not known.
        rendering: how its values are shown.
        pixel_format: how its pixels are kept; None for a picture.
        findings: what the header leaves to be said.
    """

    root: Path
    file: str
    kind: Kind
    sop_uid: str
    series_uid: str
    study_uid: str
    series_number: int | None
    view: str
    body_part: str
    description: str
    orientation: tuple[str, ...]
    shape: tuple[int, int]
    scale: Scale | None
    rendering: Rendering
    pixel_format: PixelFormat | None
    findings: tuple[Finding, ...] = ()

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.file

    @property
    def is_dicom(self) -> bool:
        """Whether other objects can refer to it."""
        return self.pixel_format is not None

    def load(self) -> FilmImage:
        """Read the pixels.

        Raises:
            StudyError: code ``truncated-file``, ``unreadable-file``, ``undecodable-pixels``, ``bits-invalid`` or
                ``blank-film``.
        """
        stored = self._stored()
        if stored.min() == stored.max():
            raise StudyError("blank-film", "the film shows nothing: every pixel has one value.")
        return FilmImage.of(self.rendering.apply(stored))

    def _stored(self) -> npt.NDArray:
        if self.pixel_format is None:
            return read_picture(self.path)
        rows, columns = self.shape
        frame = Frame(self.file, self.sop_uid, 0, 1, rows, columns, self.pixel_format)
        return read_stored(self.root, [frame])[0]
