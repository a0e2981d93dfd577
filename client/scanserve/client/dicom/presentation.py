"""Lines drawn on an image: a Grayscale Softcopy Presentation State, which viewers lay over the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from scanserve.client.dicom.content import Content, Drawing
from scanserve.client.dicom.identity import Identity, finish
from scanserve.client.dicom.report import PIXEL_CENTRE

if TYPE_CHECKING:
    from highdicom import PresentationLUTTransformation
    from highdicom.pr import GraphicObject, TextObject

__all__ = ["presentation_object"]

#: The layer, in which the standard allows capital letters only.
_LAYER = "SCANSERVE"


def presentation_object(content: Content, identity: Identity) -> Dataset:
    """The drawings of a run on the first image of its sources."""
    from highdicom import pr

    image = content.sources.images[0]
    layer = pr.GraphicLayer(_LAYER, 1, f"{content.title}, not for diagnosis")
    annotation = pr.GraphicAnnotation(
        [image],
        layer,
        graphic_objects=[_line(drawing, image) for drawing in content.drawings],
        text_objects=[_text(drawing, image) for drawing in content.drawings],
    )
    ds = pr.GrayscaleSoftcopyPresentationState(
        [image],
        content_label=_LAYER,
        content_description=f"{content.title}, not for diagnosis"[:64],
        graphic_annotations=[annotation],
        graphic_layers=[layer],
        presentation_lut_transformation=_presentation_lut(image),
        **identity.series("lines", 4),
        **identity.equipment,
    )
    ds.BodyPartExamined = content.body_part  # of a paired part the laterality would be needed
    return finish(ds, identity, f"{content.title}: lines")


def _presentation_lut(image: Dataset) -> PresentationLUTTransformation:
    """The least value is white where the image says so: a presentation state decides that anew (PS3.3 C.11.6)."""
    from highdicom import PresentationLUTTransformation

    inverse = image.get("PhotometricInterpretation") == "MONOCHROME1"
    return PresentationLUTTransformation(presentation_lut_shape="INVERSE" if inverse else "IDENTITY")


def _line(drawing: Drawing, image: Dataset) -> GraphicObject:
    from highdicom import pr

    return pr.GraphicObject(
        pr.GraphicTypeValues.POLYLINE, _places(drawing, image), pr.AnnotationUnitsValues.PIXEL
    )


def _text(drawing: Drawing, image: Dataset) -> TextObject:
    from highdicom import pr

    x, y = _places(drawing, image)[-1]
    return pr.TextObject(
        drawing.label,
        pr.AnnotationUnitsValues.PIXEL,
        anchor_point=(float(x), float(y)),
        anchor_point_visible=False,
    )


def _places(drawing: Drawing, image: Dataset) -> npt.NDArray[np.float64]:
    """The places (N, 2), drawn within the image: presentation states have no others."""
    return np.clip(np.array(drawing.places, np.float64) + PIXEL_CENTRE, 0, (image.Columns, image.Rows))
