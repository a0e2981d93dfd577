"""Reconstructed emission tomograms (DICOM NM, RECON TOMO): one multi-frame file is one volume of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import header as h
from scanserve.preprocessing.dicom.header import Elements
from scanserve.preprocessing.dicom.imagefile import (
    IMAGE_TAGS,
    FileRejectedError,
    PixelFormat,
    open_image,
    require_class,
    require_pixels,
)
from scanserve.preprocessing.dicom.scan import Progress, Rejects, scan_folder
from scanserve.preprocessing.dicom.stored import read_stored
from scanserve.preprocessing.findings import Skipped

__all__ = ["Tomogram", "Tomograms", "read_tomograms"]

_NM_CLASSES = {"1.2.840.10008.5.1.4.1.1.20"}
_DETECTORS, _ROTATIONS, _SLICE_VECTOR = 0x00540022, 0x00540052, 0x00540080
_TAGS = [
    *IMAGE_TAGS, 0x00080031, 0x0008103E, 0x00180050, 0x00180088, 0x00200052, 0x00280030, 0x00281052, 0x00281053,
    0x00540011, 0x00540021, _DETECTORS, _ROTATIONS, _SLICE_VECTOR, 0x00540081,
]  # fmt: skip


Orientation = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class _Frame:
    """One frame, as :func:`~scanserve.preprocessing.dicom.stored.read_stored` wants it."""

    file: str
    frame: int
    frames: int
    sop_uid: str
    rows: int
    columns: int
    pixels: PixelFormat


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
    pixels: PixelFormat

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
        count, rows, columns = self.shape
        frames = [_Frame(self.file, n, count, self.sop_uid, rows, columns, self.pixels) for n in range(count)]
        stored = np.stack(read_stored(self.root, frames))
        counts = (stored * self.slope + self.intercept).astype(np.float32)
        if counts.min() < 0:
            raise StudyError(
                "negative-counts", f"counts must not be negative but the least is {counts.min():g}."
            )
        if not counts.any():
            raise StudyError("no-counts", "the images must hold counts but every pixel is 0.")
        return counts


@dataclass(frozen=True)
class Tomograms:
    """The reconstructed tomograms of one study, by series number, and the files that are none."""

    study_instance_uid: str
    tomograms: tuple[Tomogram, ...]
    skipped: tuple[Skipped, ...]


def read_tomograms(path: str | PathLike[str], *, progress: Progress | None = None) -> Tomograms:
    """Read the headers below ``path`` and find the reconstructed tomograms of the one study in it.

    Args:
        path: a folder of any shape, or one file.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: code ``study-missing``, ``empty-folder``, ``no-tomogram`` or ``mixed-studies``.
    """
    _, found, rejects = scan_folder(Path(path), _read, progress)
    found = _without_copies(found, rejects)
    if not found:
        reasons = " ".join(group.message for group in rejects.groups()[:5])
        raise StudyError(
            "no-tomogram", f"the study folder holds no reconstructed NM tomogram: {reasons.rstrip('.')}."
        )
    studies = {one.study_uid for one in found}
    if len(studies) > 1:
        raise StudyError(
            "mixed-studies",
            f"the folder must hold the tomograms of one study but holds {len(studies)} studies.",
        )
    ordered = sorted(found, key=lambda one: (one.series_number or 0, one.file))
    return Tomograms(studies.pop(), tuple(ordered), rejects.groups())


def _without_copies(found: Sequence[Tomogram], rejects: Rejects) -> list[Tomogram]:
    first: dict[str, Tomogram] = {}
    for one in found:
        first.setdefault(one.sop_uid or one.file, one)
    kept = list(first.values())
    rejects.add("copy", "are copies of other files (same SOP instance UID)",
                [one.file for one in found if one not in kept])  # fmt: skip
    return kept


def _read(root: str, name: str) -> list[Tomogram]:
    header, pixels = open_image(root, name, _TAGS, _require_tomogram)
    rows, columns = h.integer(header, 0x00280010) or 0, h.integer(header, 0x00280011) or 0
    between, across = _pixel_spacing(header)
    detector = h.item(header, _DETECTORS) or {}
    slope = h.number(header, 0x00281053)
    one = Tomogram(
        root=Path(root),
        file=name,
        sop_uid=h.text(header, 0x00080018) or h.text(header, 0x00020003),
        series_uid=h.text(header, 0x0020000E),
        study_uid=h.text(header, 0x0020000D),
        series_number=h.integer(header, 0x00200011, "IS"),
        description=h.text(header, 0x0008103E),
        shape=(_frames(header), rows, columns),
        spacing_mm=(_positive(h.number(header, 0x00180088)), between, across),
        thickness_mm=_positive(h.number(header, 0x00180050)),
        orientation=_orientation(detector),
        minutes=_minutes(header),
        slope=slope if slope else 1.0,
        intercept=h.number(header, 0x00281052) or 0.0,
        pixels=pixels,
    )
    return [one]


def _require_tomogram(header: Elements) -> None:
    require_class(header, _NM_CLASSES, "NM")
    kinds = [part.upper() for part in h.texts(header, 0x00080008)]
    if len(kinds) < 3 or kinds[2] != "RECON TOMO":
        kind = kinds[2] if len(kinds) > 2 and kinds[2] in _KINDS else "of an unknown kind"
        raise FileRejectedError("not-recon-tomo", f"are NM images {kind}, not RECON TOMO")
    require_pixels(header)


#: Values 3 of the image type that PS3.3 C.8.4.9.1.3 defines; others are not repeated to the reader.
_KINDS = {"STATIC", "DYNAMIC", "GATED", "WHOLE BODY", "TOMO", "GATED TOMO", "RECON GATED TOMO"}


def _frames(header: Elements) -> int:
    """How many frames there are: one volume's slices, in their order."""
    frames = max(1, h.integer(header, 0x00280008, "IS") or 1)
    slices = h.integer(header, 0x00540081) or frames
    if slices != frames or (h.integer(header, 0x00540011) or 1) != 1:
        raise FileRejectedError("several-volumes", "hold more than one volume (energy windows or gates)")
    order = h.integers(header, _SLICE_VECTOR)
    if order and list(order) != list(range(1, frames + 1)):
        raise FileRejectedError("slice-order", "hold slices in another order than 1, 2, 3 ...")
    return frames


def _pixel_spacing(header: Elements) -> tuple[float, float]:
    values = h.numbers(header, 0x00280030)
    if len(values) != 2 or not all(value and value > 0 for value in values):
        raise FileRejectedError("no-geometry", "do not say their pixel spacing")
    return values[0], values[1]  # type: ignore[return-value]


def _positive(value: float | None) -> float | None:
    """Spacings may be written negative to say the direction (PS3.3 C.8.4.15)."""
    return abs(value) if value else None


def _orientation(detector: Elements) -> Orientation | None:
    values = h.numbers(detector, 0x00200037)
    if len(values) != 6 or any(value is None for value in values):
        return None
    return values  # type: ignore[return-value]


def _minutes(header: Elements) -> float | None:
    """Duration of a frame (ms) times frames, over all rotations, shared among the detectors."""
    total, number = 0.0, 0
    while (rotation := h.item(header, _ROTATIONS, number)) is not None:
        duration, frames = h.number(rotation, 0x00181242, "IS"), h.integer(rotation, 0x00540053)
        if not duration or not frames:
            return None
        total, number = total + duration * frames, number + 1
    return total / (h.integer(header, 0x00540021) or 1) / 60_000 if total else None
