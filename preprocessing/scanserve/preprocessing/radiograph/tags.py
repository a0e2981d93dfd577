"""DICOM attributes of a plain film by keyword; those of every image are in the ``tags`` of ``dicom``."""

from __future__ import annotations

from scanserve.preprocessing.dicom import tag
from scanserve.preprocessing.dicom import tags as image_tags

__all__ = ["WANTED"]

# From stored values to what is shown
PHOTOMETRIC_INTERPRETATION = tag("PhotometricInterpretation")
MODALITY_LUT_SEQUENCE = tag("ModalityLUTSequence")
VOI_LUT_SEQUENCE = tag("VOILUTSequence")
LUT_DESCRIPTOR = tag("LUTDescriptor")
LUT_DATA = tag("LUTData")
WINDOW_CENTER = tag("WindowCenter")
WINDOW_WIDTH = tag("WindowWidth")
VOI_LUT_FUNCTION = tag("VOILUTFunction")
PRESENTATION_LUT_SHAPE = tag("PresentationLUTShape")
PRESENTATION_INTENT_TYPE = tag("PresentationIntentType")
PIXEL_INTENSITY_RELATIONSHIP = tag("PixelIntensityRelationship")

# Size of a pixel
IMAGER_PIXEL_SPACING = tag("ImagerPixelSpacing")
NOMINAL_SCANNED_PIXEL_SPACING = tag("NominalScannedPixelSpacing")
PIXEL_ASPECT_RATIO = tag("PixelAspectRatio")

# What is seen, and from where
VIEW_POSITION = tag("ViewPosition")
BODY_PART_EXAMINED = tag("BodyPartExamined")
PATIENT_ORIENTATION = tag("PatientOrientation")
STUDY_DESCRIPTION = tag("StudyDescription")

#: What the header of a film is asked for; sequences bring all that is in them.
WANTED = frozenset(
    (
        *image_tags.IMAGE_ATTRIBUTES,
        PHOTOMETRIC_INTERPRETATION,
        MODALITY_LUT_SEQUENCE,
        VOI_LUT_SEQUENCE,
        WINDOW_CENTER,
        WINDOW_WIDTH,
        VOI_LUT_FUNCTION,
        PRESENTATION_LUT_SHAPE,
        PRESENTATION_INTENT_TYPE,
        PIXEL_INTENSITY_RELATIONSHIP,
        IMAGER_PIXEL_SPACING,
        NOMINAL_SCANNED_PIXEL_SPACING,
        PIXEL_ASPECT_RATIO,
        VIEW_POSITION,
        BODY_PART_EXAMINED,
        PATIENT_ORIENTATION,
        STUDY_DESCRIPTION,
    )
)
