"""Pictures as Secondary Capture, with the notice burnt into their pixels."""

from __future__ import annotations

import io
import textwrap

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from scanserve.client.dicom.content import Capture, Content
from scanserve.client.dicom.identity import Identity, finish
from scanserve.preprocessing.dicom import shortened

__all__ = ["BANNER", "capture_object", "with_banner"]

#: Burnt in, in large letters above the notice.
BANNER = "NOT FOR DIAGNOSIS"
#: Sizes in pixels, and the colours of the banner and its letters.
_LARGE, _SMALL, _MARGIN = 26, 14, 8
_GROUND, _INK = (120, 0, 0), (255, 255, 255)
#: Width of a letter over its height, on the safe side.
_LETTER = 0.55
_ST = 1024


def capture_object(content: Content, identity: Identity, capture: Capture, instance: int) -> Dataset:
    """One picture of the series of pictures; it holds nothing that names the patient."""
    from highdicom.sc import SCImage

    patient = content.sources.patient
    ds = SCImage(
        pixel_array=with_banner(capture.png, content.algorithm.notice),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "P"),
        study_instance_uid=patient.StudyInstanceUID,
        **identity.series("captures", 3, instance),
    )
    for element in patient:
        if element.keyword != "FrameOfReferenceUID":
            ds[element.keyword] = element
    ds["PatientOrientation"].value = None
    ds.BodyPartExamined = content.body_part
    ds.pop("Laterality", None)
    ds.BurnedInAnnotation = "NO"
    ds.ConversionType = "WSD"
    ds.ImageComments = shortened(f"{capture.title}. {content.algorithm.notice}", _ST)
    ds.ImageType = ["DERIVED", "SECONDARY"]
    ds.DerivationDescription = shortened(f"{capture.title}. {BANNER}.", _ST)
    return finish(ds, identity, f"{content.title}: pictures")


def with_banner(png: bytes, notice: str) -> npt.NDArray[np.uint8]:
    """The picture under a banner with the notice: uint8 ``[row, column, 3]``."""
    from PIL import Image, ImageDraw, ImageFont

    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    width = picture.width
    lines = textwrap.wrap(notice, max(8, int((width - 2 * _MARGIN) / (_LETTER * _SMALL))))
    height = 2 * _MARGIN + _LARGE + 4 + len(lines) * (_SMALL + 4)
    whole = Image.new("RGB", (width, picture.height + height), _GROUND)
    whole.paste(picture, (0, height))
    draw = ImageDraw.Draw(whole)
    large = min(_LARGE, int((width - 2 * _MARGIN) / (0.75 * len(BANNER))))
    draw.text((_MARGIN, _MARGIN), BANNER, _INK, ImageFont.load_default(large))
    for number, line in enumerate(lines):
        top = _MARGIN + _LARGE + 4 + number * (_SMALL + 4)
        draw.text((_MARGIN, top), line, _INK, ImageFont.load_default(_SMALL))
    return np.asarray(whole)
