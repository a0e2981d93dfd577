"""The tomogram of one NM file, from its header alone."""

from __future__ import annotations

from pathlib import Path

from pydicom.uid import NuclearMedicineImageStorage

from scanserve.preprocessing.dicom import (
    FileRejectedError,
    Header,
    Orientation,
    PixelFormat,
    Position,
    length_mm,
    matrix,
    open_image,
    orientation,
    pixel_spacing,
    position,
    require_class,
    require_pixels,
    sop_uid,
)
from scanserve.preprocessing.dicom import tags as image_tags
from scanserve.preprocessing.nm import tags
from scanserve.preprocessing.nm.scale import read_scale
from scanserve.preprocessing.nm.tomogram import Tomogram

__all__ = ["read_tomogram"]

_NM_CLASSES = frozenset({NuclearMedicineImageStorage})
#: Values 3 of the image type that PS3.3 C.8.4.9.1.3 defines; others are not repeated to the reader.
_KINDS = frozenset({"STATIC", "DYNAMIC", "GATED", "WHOLE BODY", "TOMO", "GATED TOMO", "RECON GATED TOMO"})
_MS_PER_MINUTE = 60_000
#: No patient lies for a day.
_MOST_MINUTES = 1440


def read_tomogram(root: str, name: str) -> list[Tomogram]:
    """The one tomogram of a file.

    Args:
        root: folder that was read.
        name: path of the file below it.

    Raises:
        FileRejectedError: the file holds no reconstructed tomogram, or more than one.
    """
    header, pixel_format = open_image(root, name, tags.WANTED, _require_tomogram)
    return [_tomogram(Path(root), name, header, pixel_format)]


def _tomogram(root: Path, file: str, header: Header, pixel_format: PixelFormat) -> Tomogram:
    rows, columns = matrix(header)
    spacing = length_mm(header.number(tags.SPACING_BETWEEN_SLICES))
    thickness = _unsigned(length_mm(header.number(image_tags.SLICE_THICKNESS)))
    scale, findings = read_scale(header)
    return Tomogram(
        root=root,
        file=file,
        sop_uid=sop_uid(header),
        series_uid=header.text(image_tags.SERIES_INSTANCE_UID),
        study_uid=header.text(image_tags.STUDY_INSTANCE_UID),
        series_number=header.integer(image_tags.SERIES_NUMBER),
        description=header.text(image_tags.SERIES_DESCRIPTION),
        shape=(_frame_count(header), rows, columns),
        spacing_mm=(_unsigned(spacing), *pixel_spacing(header.numbers(image_tags.PIXEL_SPACING))),
        thickness_mm=thickness,
        step_mm=spacing or thickness,
        orientation=_orientation(header),
        minutes=_minutes(header),
        scale=scale,
        pixel_format=pixel_format,
        position=_position(header),
        findings=findings,
    )


def _places(header: Header) -> tuple[Header, Header]:
    """Where position and orientation stand: with the first detector, as they should (PS3.3 C.8.4.11), or outside."""
    return header.item(tags.DETECTOR_INFORMATION_SEQUENCE) or Header(), header


def _orientation(header: Header) -> Orientation | None:
    stated = (place.numbers(image_tags.IMAGE_ORIENTATION_PATIENT) for place in _places(header))
    return next((found for values in stated if (found := orientation(values)) is not None), None)


def _position(header: Header) -> Position | None:
    stated = (place.numbers(tags.IMAGE_POSITION_PATIENT) for place in _places(header))
    return next((found for values in stated if (found := position(values)) is not None), None)


def _require_tomogram(header: Header) -> None:
    require_class(header, _NM_CLASSES, "NM")
    image_type = [part.upper() for part in header.texts(image_tags.IMAGE_TYPE)]
    kind = image_type[2] if len(image_type) > 2 else ""
    if kind != "RECON TOMO":
        stated = kind if kind in _KINDS else "of an unknown kind"
        raise FileRejectedError("not-recon-tomo", f"are NM images {stated}, not RECON TOMO")
    require_pixels(header)


def _frame_count(header: Header) -> int:
    """How many frames there are: one volume's slices, in their order."""
    count = max(1, header.integer(image_tags.NUMBER_OF_FRAMES) or 1)
    slices = header.integer(tags.NUMBER_OF_SLICES) or count
    if slices != count or (header.integer(tags.NUMBER_OF_ENERGY_WINDOWS) or 1) != 1:
        raise FileRejectedError("several-volumes", "hold more than one volume (energy windows or gates)")
    order = header.integers(tags.SLICE_VECTOR)
    if order and (len(order) != count or order != tuple(range(1, count + 1))):
        raise FileRejectedError(
            "slice-order", "hold slices in another order than from the first up (SliceVector)"
        )
    return count


def _unsigned(spacing: float | None) -> float | None:
    """Spacings may be written negative to say the direction (PS3.3 C.8.4.15)."""
    return abs(spacing) if spacing else None


def _minutes(header: Header) -> float | None:
    """Duration of a frame (ms) times frames, over all rotations, shared among the detectors."""
    total, number = 0.0, 0
    while (rotation := header.item(tags.ROTATION_INFORMATION_SEQUENCE, number)) is not None:
        duration = rotation.number(tags.ACTUAL_FRAME_DURATION)
        frames = rotation.integer(tags.NUMBER_OF_FRAMES_IN_ROTATION)
        if not duration or not frames:
            return None
        total, number = total + duration * frames, number + 1
    minutes = total / max(header.integer(tags.NUMBER_OF_DETECTORS) or 1, 1) / _MS_PER_MINUTE
    return minutes if 0 < minutes <= _MOST_MINUTES else None
