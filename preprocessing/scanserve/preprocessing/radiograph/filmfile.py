"""The film of one file, from its header alone."""

from __future__ import annotations

from pathlib import Path

from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from scanserve.preprocessing.dicom import (
    FileRejectedError,
    Header,
    PixelFormat,
    matrix,
    open_image,
    require_class,
    sop_uid,
)
from scanserve.preprocessing.dicom import tags as image_tags
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.radiograph import tags
from scanserve.preprocessing.radiograph.film import Film, Kind
from scanserve.preprocessing.radiograph.picture import MOST_PIXELS, MOST_SIDE, picture_size
from scanserve.preprocessing.radiograph.rendering import Rendering, Window, read_rendering
from scanserve.preprocessing.radiograph.scale import Scale, read_scale

__all__ = ["read_film", "read_picture_film"]

_KINDS: dict[str, Kind] = {
    ComputedRadiographyImageStorage: "CR",
    DigitalXRayImageStorageForPresentation: "DX",
    DigitalXRayImageStorageForProcessing: "DX",
    SecondaryCaptureImageStorage: "SC",
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage: "SC",
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage: "SC",
}
#: Modalities under which secondary captures of films are stored; others are pictures of something else.
_CAPTURED = frozenset({"CR", "DX", "RG", "OT", "SC", "DR", ""})
#: Bits in which the range of a film is cut into few steps.
_FEW_BITS = 8
#: Pictures of 8 bits are shown as they are.
_BYTES = Rendering(voi=Window(127.5, 255, "LINEAR_EXACT"))


def read_film(root: str, name: str) -> list[Film]:
    """The one film of a DICOM file.

    Args:
        root: folder that was read.
        name: path of the file below it.

    Raises:
        FileRejectedError: the file holds no plain film, or one that cannot be shown.
    """
    header, pixel_format = open_image(root, name, tags.WANTED, _require_film)
    return [_film(Path(root), name, header, pixel_format)]


def read_picture_film(root: str, name: str, aspect: float | None) -> list[Film]:
    """As :func:`read_film`, of a PNG or JPEG picture whose pixels are ``aspect`` times as high as wide.

    Raises:
        FileRejectedError: code ``not-picture``, ``colour`` or ``too-large``.
    """
    rows, columns, deep = picture_size(Path(root) / name)
    note = Finding("picture-film", "the film is a picture that states nothing about itself.")
    scale = None if aspect is None else Scale(aspect, 1.0, "caller")
    rest = {"sop_uid": "", "series_uid": "", "study_uid": "", "view": "", "body_part": "", "description": ""}
    return [
        Film(
            root=Path(root),
            file=name,
            kind="picture",
            series_number=None,
            orientation=(),
            shape=(rows, columns),
            scale=scale,
            rendering=Rendering() if deep else _BYTES,
            pixel_format=None,
            findings=(note,),
            **rest,
        )
    ]


def _film(root: Path, file: str, header: Header, pixel_format: PixelFormat) -> Film:
    kind = _kind(header)
    rendering, notes = read_rendering(header)
    if pixel_format.bits_stored <= _FEW_BITS:
        message = f"the film has {pixel_format.bits_stored} bits; what its window cut off is lost."
        notes = (*notes, Finding("eight-bit", message))
    return Film(
        root=root,
        file=file,
        kind=kind,
        sop_uid=sop_uid(header),
        series_uid=header.text(image_tags.SERIES_INSTANCE_UID),
        study_uid=header.text(image_tags.STUDY_INSTANCE_UID),
        series_number=header.integer(image_tags.SERIES_NUMBER),
        view=header.text(tags.VIEW_POSITION).upper(),
        body_part=header.text(tags.BODY_PART_EXAMINED).upper(),
        description=_description(header),
        orientation=header.texts(tags.PATIENT_ORIENTATION),
        shape=matrix(header),
        scale=_scale(header, kind),
        rendering=rendering,
        pixel_format=pixel_format,
        findings=notes,
    )


def _description(header: Header) -> str:
    texts = (header.text(image_tags.SERIES_DESCRIPTION), header.text(tags.STUDY_DESCRIPTION))
    return " ".join(text.upper() for text in texts if text)


def _scale(header: Header, kind: Kind) -> Scale | None:
    """Pixels of CR and DX are square where nothing is stated (PS3.3 C.7.6.3.1.7); captures may be squeezed."""
    stated = read_scale(header)
    return Scale(1.0, 1.0, "standard") if stated is None and kind != "SC" else stated


def _require_film(header: Header) -> None:
    require_class(header, frozenset(_KINDS), "DX" if _modality(header) == "DX" else "CR")
    if _kind(header) == "SC" and _modality(header) not in _CAPTURED:
        raise FileRejectedError("not-cr", "are captures of another modality, not CR images")
    if (header.integer(image_tags.SAMPLES_PER_PIXEL) or 1) != 1:
        raise FileRejectedError("colour", "are colour images")
    rows, columns = matrix(header)
    if rows < 1 or columns < 1:
        raise FileRejectedError("no-pixels", "hold no pixel data")
    if max(rows, columns) > MOST_SIDE or rows * columns > MOST_PIXELS:
        raise FileRejectedError("too-large", f"state more than {MOST_SIDE} rows or columns")
    if (header.integer(image_tags.NUMBER_OF_FRAMES) or 1) > 1:
        raise FileRejectedError("several-frames", "hold several frames, not one film")


def _modality(header: Header) -> str:
    return header.text(image_tags.MODALITY).upper()


def _kind(header: Header) -> Kind:
    stated = header.text(image_tags.SOP_CLASS_UID) or header.text(image_tags.MEDIA_STORAGE_SOP_CLASS_UID)
    return _KINDS.get(stated, "DX" if _modality(header) == "DX" else "CR")
