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
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.stack import Stack
from scanserve.preprocessing.ct.volume import Volume
from scanserve.preprocessing.dicom import Pixels, read_stored

__all__ = ["load_stack", "same_image"]

#: Files read at the same time.
READERS = 2


def load_stack(root: Path, stack: Stack, label: str) -> Volume:
    """Read all slices of ``stack``.

    Args:
        root: folder that the slices' paths are relative to.
        stack: slices and grid, without blocking findings.
        label: name of the phase, for messages.

    Raises:
        StudyError: code ``truncated-file``, ``unreadable-file``, ``undecodable-pixels`` or
            ``duplicate-slices``.
    """
    first = stack.slices[0].frame
    raw = np.empty((len(stack.slices), first.rows, first.columns), np.int16)
    by_file: dict[str, list[int]] = defaultdict(list)
    for index, image in enumerate(stack.slices):
        by_file[image.file].append(index)

    def fill(indices: list[int]) -> None:
        frames = [stack.slices[index].frame for index in indices]
        for index, stored in zip(indices, read_stored(root, frames), strict=True):
            _rescale(stored, stack.slices[index], raw[index])

    with ThreadPoolExecutor(READERS) as pool:
        for _ in pool.map(fill, by_file.values()):
            pass
    _compare_duplicates(root, stack, raw, label)
    return Volume(stack.axes.reorient(raw), np.array(stack.origin), np.array(stack.spacing))


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
        _rescale(read_stored(root, [other.frame])[0], other, again)
        if not np.array_equal(again, raw[index]):
            raise StudyError(
                "duplicate-slices",
                f"phase {label}: two different slices lie at one position ({stack.slices[index].file!r} and "
                f"{other.file!r}), so it is not clear which belongs to the phase.",
            )


def _rescale(stored: Pixels, image: Slice, out: npt.NDArray[np.int16]) -> None:
    """Stored values ``[row, column]`` to HU in ``out``."""
    if image.slope == 1 and image.intercept == int(image.intercept):
        values = stored.astype(np.int32)
        values += int(image.intercept)
    else:
        values = np.rint(stored * image.slope + image.intercept)
    np.clip(values, AIR_HU, MAX_HU, out=values)
    out[...] = values
    if image.padding is not None:
        low, high = image.padding
        padded = (stored == low) if low == high else (stored >= low) & (stored <= high)
        out[padded] = AIR_HU
