"""DICOM images of any modality: finding files, tolerant headers, stored pixels.

Nothing here knows a modality; a reader (``ct``, ``nm``) says which files it wants and what it takes from them.
"""

from scanserve.preprocessing.dicom.attributes import (
    MOST_PLACE_MM,
    Orientation,
    Position,
    length_mm,
    matrix,
    orientation,
    pixel_spacing,
    position,
    sop_uid,
)
from scanserve.preprocessing.dicom.collection import files_of, one_study, without_copies
from scanserve.preprocessing.dicom.frame import Frame
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.imagefile import open_image, read_header, require_class, require_pixels
from scanserve.preprocessing.dicom.pixel_format import PixelFormat
from scanserve.preprocessing.dicom.quiet import quiet_pydicom
from scanserve.preprocessing.dicom.rejects import FileRejectedError, Rejects
from scanserve.preprocessing.dicom.scan import Progress, scan_folder
from scanserve.preprocessing.dicom.stored import Pixels, read_stored, read_words, values_of
from scanserve.preprocessing.dicom.tags import tag
from scanserve.preprocessing.dicom.valid_copy import set_character_set, shortened, valid_copy

__all__ = [
    "MOST_PLACE_MM",
    "FileRejectedError",
    "Frame",
    "Header",
    "Orientation",
    "PixelFormat",
    "Pixels",
    "Position",
    "Progress",
    "Rejects",
    "files_of",
    "length_mm",
    "matrix",
    "one_study",
    "open_image",
    "orientation",
    "pixel_spacing",
    "position",
    "quiet_pydicom",
    "read_header",
    "read_stored",
    "read_words",
    "require_class",
    "require_pixels",
    "scan_folder",
    "set_character_set",
    "shortened",
    "sop_uid",
    "tag",
    "valid_copy",
    "values_of",
    "without_copies",
]
