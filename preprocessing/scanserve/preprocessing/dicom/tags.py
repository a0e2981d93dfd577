"""DICOM attributes by keyword: their tags as plain integers, looked up in pydicom's dictionary once.

Here are the attributes of every image; a modality's reader has its own ``tags`` module beside it.
"""

from __future__ import annotations

from functools import cache

from pydicom.datadict import dictionary_VR, tag_for_keyword

__all__ = ["IMAGE_ATTRIBUTES", "standard_vr", "tag"]


def tag(keyword: str) -> int:
    """The tag of an attribute.

    Raises:
        ValueError: the DICOM dictionary holds no such keyword.

    Example:
        >>> f"{tag('PixelSpacing'):08X}"
        '00280030'
    """
    found = tag_for_keyword(keyword)
    if found is None:
        raise ValueError(f"keyword must be one of the DICOM dictionary but is {keyword!r}.")
    return int(found)


@cache
def standard_vr(attribute: int) -> str:
    """The value representation that the standard gives the tag; ``"US or SS"`` where it gives two.

    Raises:
        KeyError: the DICOM dictionary holds no such tag.
    """
    return dictionary_VR(attribute)


# The file's meta header
MEDIA_STORAGE_SOP_CLASS_UID = tag("MediaStorageSOPClassUID")
MEDIA_STORAGE_SOP_INSTANCE_UID = tag("MediaStorageSOPInstanceUID")
TRANSFER_SYNTAX_UID = tag("TransferSyntaxUID")

# Text
SPECIFIC_CHARACTER_SET = tag("SpecificCharacterSet")

# Identity
SOP_CLASS_UID = tag("SOPClassUID")
SOP_INSTANCE_UID = tag("SOPInstanceUID")
STUDY_INSTANCE_UID = tag("StudyInstanceUID")
SERIES_INSTANCE_UID = tag("SeriesInstanceUID")
SERIES_NUMBER = tag("SeriesNumber")
SERIES_DESCRIPTION = tag("SeriesDescription")

# Kind
MODALITY = tag("Modality")
IMAGE_TYPE = tag("ImageType")

# Place; in multi-frame files partly within sequences
SLICE_THICKNESS = tag("SliceThickness")
PIXEL_SPACING = tag("PixelSpacing")
IMAGE_ORIENTATION_PATIENT = tag("ImageOrientationPatient")

# Pixels
NUMBER_OF_FRAMES = tag("NumberOfFrames")
ROWS = tag("Rows")
COLUMNS = tag("Columns")
SAMPLES_PER_PIXEL = tag("SamplesPerPixel")
BITS_ALLOCATED = tag("BitsAllocated")
BITS_STORED = tag("BitsStored")
HIGH_BIT = tag("HighBit")
PIXEL_REPRESENTATION = tag("PixelRepresentation")
RESCALE_INTERCEPT = tag("RescaleIntercept")
RESCALE_SLOPE = tag("RescaleSlope")
PIXEL_DATA = tag("PixelData")

#: What the header of every image is asked for.
IMAGE_ATTRIBUTES = (
    SPECIFIC_CHARACTER_SET,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    SERIES_NUMBER,
    SERIES_DESCRIPTION,
    MODALITY,
    IMAGE_TYPE,
    SLICE_THICKNESS,
    PIXEL_SPACING,
    NUMBER_OF_FRAMES,
    ROWS,
    COLUMNS,
    SAMPLES_PER_PIXEL,
    BITS_ALLOCATED,
    BITS_STORED,
    HIGH_BIT,
    PIXEL_REPRESENTATION,
    RESCALE_INTERCEPT,
    RESCALE_SLOPE,
)
