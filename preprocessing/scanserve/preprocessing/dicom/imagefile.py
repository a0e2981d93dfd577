"""One DICOM file that may hold an image: its header as raw elements, and how its pixels are kept.

What kind of image is wanted is the caller's business; whatever cannot be one is rejected with a reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from pydicom.uid import MediaStorageDirectoryStorage, UID_dictionary

from scanserve.preprocessing.dicom import tags
from scanserve.preprocessing.dicom.attributes import matrix
from scanserve.preprocessing.dicom.dataset import read_elements
from scanserve.preprocessing.dicom.header import Header
from scanserve.preprocessing.dicom.pixel_format import PixelFormat
from scanserve.preprocessing.dicom.rejects import FileRejectedError

__all__ = ["open_image", "read_header", "require_class", "require_pixels"]

#: Rows and columns that an image has at most; no CT or tomogram comes near, and a header may state 65,535 of each.
MOST_PIXELS = 4096


def open_image(
    root: str, name: str, wanted: Collection[int], check: Callable[[Header], None]
) -> tuple[Header, PixelFormat]:
    """The header of one file and how its pixels are kept; the pixels are not read.

    Args:
        root: folder that was read.
        name: path of the file below it.
        wanted: tags of the elements to read.
        check: looks at the header and raises where the file holds no image of the kind that is wanted.

    Raises:
        FileRejectedError: what ``check`` raises; or code ``not-dicom``, ``unreadable``, ``unreadable-file``,
            ``too-large``, ``no-pixels``, ``encoding-mismatch`` or ``bits-invalid``.
    """
    try:
        with open(os.path.join(root, name), "rb") as file:
            elements = read_elements(file, wanted)
            header = elements.header
            check(header)
            return header, PixelFormat.from_elements(header, elements)
    except (FileRejectedError, MemoryError):
        raise
    except Exception as error:  # whatever a malformed file makes the parser raise, it is one unreadable file
        if isinstance(error, OSError) and error.errno:
            raise FileRejectedError("unreadable-file", "could not be read from the disk") from error
        raise FileRejectedError("unreadable", "could not be parsed as DICOM") from error


def read_header(path: str | os.PathLike[str]) -> Header:
    """All elements of a file before its pixels, of the meta header as well.

    Raises:
        FileRejectedError: code ``not-dicom``, ``unreadable`` or ``too-large``.
        Exception: whatever a malformed file makes the parser raise; a file that was read before raises nothing.
    """
    with open(path, "rb") as file:
        return read_elements(file).header


def require_class(header: Header, classes: Collection[str], modality: str) -> None:
    """Reject a file of none of the SOP ``classes``; one that names no class must be of the ``modality``.

    Raises:
        FileRejectedError: code ``dicomdir``, ``unreadable``, or ``not-ct``, ``not-nm`` ... after the modality.
    """
    sop_class = header.text(tags.SOP_CLASS_UID) or header.text(tags.MEDIA_STORAGE_SOP_CLASS_UID)
    if sop_class == MediaStorageDirectoryStorage:
        raise FileRejectedError("dicomdir", "are directories of a disc (DICOMDIR)")
    stated = header.text(tags.MODALITY)
    if not sop_class and not stated:
        raise FileRejectedError("unreadable", "could not be parsed as DICOM")
    if sop_class not in classes and (sop_class or stated != modality):
        raise FileRejectedError(
            f"not-{modality.lower()}", f"are {_class_name(sop_class)}, not {modality} images"
        )


def require_pixels(header: Header) -> None:
    """Reject what holds no grey pixels.

    Raises:
        FileRejectedError: code ``colour``, ``no-pixels`` or ``too-large``.
    """
    if (header.integer(tags.SAMPLES_PER_PIXEL) or 1) != 1:
        raise FileRejectedError("colour", "are colour images")
    if not header.integer(tags.ROWS) or not header.integer(tags.COLUMNS):
        raise FileRejectedError("no-pixels", "hold no pixel data")
    if max(matrix(header)) > MOST_PIXELS:
        raise FileRejectedError("too-large", f"state more than {MOST_PIXELS} rows or columns")


def _class_name(sop_class: str) -> str:
    """The standard's name of a class; what else a file names is not repeated."""
    registered = UID_dictionary.get(sop_class)
    return registered[0].removesuffix(" Storage") if registered else "DICOM objects of another kind"
