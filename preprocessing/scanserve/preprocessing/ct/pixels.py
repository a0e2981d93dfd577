"""From the files of a stack to a volume in Hounsfield units."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.preprocessing.ct.arrangement import arrange
from scanserve.preprocessing.ct.padding import padded
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.stack import Stack
from scanserve.preprocessing.ct.volume import Volume
from scanserve.preprocessing.dicom import Pixels, read_words, values_of
from scanserve.preprocessing.findings import plural

__all__ = ["load_stack", "same_image"]

#: Files read at the same time.
READERS = 2


def load_stack(root: Path, stack: Stack, label: str) -> Volume:
    """Read all slices of ``stack``.

    Args:
        root: folder that the slices' paths are relative to.
        stack: slices and grid, without blocking findings, so that their rescale is known.
        label: name of the phase, for messages.

    Raises:
        StudyError: code ``truncated-file``, ``unreadable-file``, ``undecodable-pixels``, ``bits-invalid``,
            ``duplicate-slices`` or ``blank-slices``.
    """
    first = stack.slices[0].frame
    raw = np.empty((len(stack.slices), first.rows, first.columns), np.int16)
    by_file: dict[str, list[int]] = defaultdict(list)
    for index, image in enumerate(stack.slices):
        by_file[image.file].append(index)

    def fill(indices: list[int]) -> None:
        images = [stack.slices[index] for index in indices]
        words = read_words(root, [image.frame for image in images])
        for index, image, word in zip(indices, images, words, strict=True):
            _rescale(word, image, raw[index])

    with ThreadPoolExecutor(READERS) as pool:
        for _ in pool.map(fill, by_file.values()):
            pass
    _compare_duplicates(root, stack, raw, label)
    _check_blank(stack, raw, label)
    return Volume.at(stack.axes.reorient(raw), stack.origin, stack.spacing)


def same_image(root: Path, first: Slice, other: Slice) -> bool:
    """Whether two slices of one layout hold the same values; ``False`` where one cannot be read."""
    alone = arrange([first])
    try:
        load_stack(root, replace(alone, duplicates=((0, other),)), "")
    except StudyError:
        return False
    return True


def _compare_duplicates(root: Path, stack: Stack, raw: npt.NDArray[np.int16], label: str) -> None:
    """Slices at one position must hold the same image; then it does not matter which is used."""
    for index, other in stack.duplicates:
        again = np.empty_like(raw[index])
        _rescale(read_words(root, [other.frame])[0], other, again)
        if not np.array_equal(again, raw[index]):
            raise StudyError(
                "duplicate-slices",
                f"phase {label}: two different slices lie at one position ({stack.slices[index].frame.name} and "
                f"{other.frame.name}), so it is not clear which belongs to the phase.",
            )


def _check_blank(stack: Stack, raw: npt.NDArray[np.int16], label: str) -> None:
    """A slice that shows nothing between others that show something was not transferred whole."""
    if raw.min() == raw.max():
        raise StudyError(
            "blank-slices", f"phase {label}: every pixel is {raw.flat[0]} HU, so that nothing can be seen."
        )
    pixels = raw.reshape(len(raw), -1)
    blank = pixels.min(axis=1) == pixels.max(axis=1)
    shown = np.flatnonzero(~blank)
    inside = [
        stack.slices[index] for index in np.flatnonzero(blank) if shown.size and shown[0] < index < shown[-1]
    ]
    if inside:
        raise StudyError(
            "blank-slices",
            f"phase {label}: {plural(len(inside), 'slice')} blank, every pixel having one value, the first of them "
            f"{inside[0].frame.name}.",
        )


def _rescale(words: Pixels, image: Slice, out: npt.NDArray[np.int16]) -> None:
    """Pixels as they are stored ``[row, column]`` to HU in ``out``."""
    values = values_of(words, image.frame)
    slope, intercept = image.slope, image.intercept
    if slope == 1 and intercept == int(intercept) and values.itemsize <= 2:
        hu = values.astype(np.int32)
        hu += int(intercept)
    else:
        hu = np.rint(values * slope + intercept)
    np.clip(hu, AIR_HU, MAX_HU, out=hu)
    out[...] = hu
    outside = padded(image, words, values)
    if outside is not None:
        out[outside] = AIR_HU
