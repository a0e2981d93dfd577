"""PNG and JPEG pictures of films: read only where the caller asks for it, since they say nothing about themselves."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from scanserve.contracts import StudyError
from scanserve.contracts.printable import printable
from scanserve.preprocessing.dicom import FileRejectedError

__all__ = ["MOST_PIXELS", "MOST_SIDE", "picture_size", "read_picture"]

#: Rows or columns, and pixels in all, of a film at most: stitched films of a whole spine have 30 million.
MOST_SIDE, MOST_PIXELS = 16_384, 1 << 26
_FORMATS = ("PNG", "JPEG")
#: Modes of Pillow that hold grey values, and those in which grey values may be written as colours.
_GREY, _COLOUR = frozenset({"L", "LA", "I", "I;16", "I;16B", "1"}), frozenset({"RGB", "RGBA", "P"})
#: Colours that differ by so much are grey: JPEG rounds.
_SAME = 8


def picture_size(path: Path) -> tuple[int, int, bool]:
    """Rows and columns of a picture, and whether it has more than 8 bits, from its header.

    Raises:
        FileRejectedError: code ``not-picture``, ``colour`` or ``too-large``.
    """
    try:
        with _quiet(), Image.open(path, formats=_FORMATS) as picture:
            columns, rows = picture.size
            mode = picture.mode
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FileRejectedError("not-picture", "are neither DICOM nor PNG nor JPEG") from error
    if mode not in _GREY | _COLOUR:
        raise FileRejectedError("colour", "are colour images")
    if max(rows, columns) > MOST_SIDE or rows * columns > MOST_PIXELS:
        raise FileRejectedError("too-large", f"state more than {MOST_SIDE} rows or columns")
    return rows, columns, mode.startswith("I")


def read_picture(path: Path) -> npt.NDArray:
    """The grey values ``[row, column]`` of a picture.

    Raises:
        StudyError: code ``undecodable-pixels``.
    """
    try:
        with _quiet(), Image.open(path, formats=_FORMATS) as picture:
            if picture.mode in _GREY:
                grey = picture if picture.mode.startswith("I") else picture.convert("L")
                return np.asarray(grey)
            colours = np.asarray(picture.convert("RGB")).astype(np.int16)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise StudyError(
            "undecodable-pixels", f"the picture '{printable(path.name)}' cannot be decoded."
        ) from error
    if np.ptp(colours, axis=2).max() > _SAME:
        raise StudyError(
            "undecodable-pixels",
            f"the picture '{printable(path.name)}' must be in grey values but has colours.",
        )
    return colours[..., 1].astype(np.uint8)


class _quiet(warnings.catch_warnings):  # noqa: N801 - a context manager, used like a function
    """Without Pillow's warnings about sizes and metadata: sizes are checked here."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")
