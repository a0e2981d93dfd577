"""From the files of a stack to a volume in Hounsfield units."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.arrangement import Stack
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.volume import Volume
from scanserve.preprocessing.dicom.stored import Pixels, read_stored

__all__ = ["HU_MAXIMUM", "HU_MINIMUM", "load_stack"]

#: The range of a volume: air outside the field, and the most that 12 bits hold above it.
HU_MINIMUM, HU_MAXIMUM = -1024, 3071
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
    first = stack.slices[0]
    raw = np.empty((len(stack.slices), first.rows, first.columns), np.int16)
    by_file: dict[str, list[tuple[int, Slice]]] = defaultdict(list)
    for index, one in enumerate(stack.slices):
        by_file[one.file].append((index, one))

    def fill(file: str) -> None:
        places = by_file[file]
        for (index, one), pixels in zip(places, read_stored(root, [one for _, one in places]), strict=True):
            _rescale(pixels, one, raw[index])

    with ThreadPoolExecutor(READERS) as pool:
        for _ in pool.map(fill, by_file):
            pass
    _compare_duplicates(root, stack, raw, label)
    return Volume.at(_reorient(raw, stack), stack.origin, stack.spacing)


def _reorient(raw: npt.NDArray[np.int16], stack: Stack) -> npt.NDArray[np.int16]:
    steps = tuple(slice(None, None, -1 if flip else 1) for flip in stack.flips)
    return np.ascontiguousarray(raw.transpose(stack.transpose)[steps])


def _compare_duplicates(root: Path, stack: Stack, raw: npt.NDArray[np.int16], label: str) -> None:
    """Slices at one position must hold the same image; then it does not matter which is used."""
    for index, other in stack.duplicates:
        again = np.empty_like(raw[index])
        _rescale(read_stored(root, [other])[0], other, again)
        if not np.array_equal(again, raw[index]):
            raise StudyError("duplicate-slices", (
                f"phase {label}: two different slices lie at one position ({stack.slices[index].file!r} and "
                f"{other.file!r}), so it is not clear which belongs to the phase."
            ))  # fmt: skip


def _rescale(stored: Pixels, one: Slice, out: npt.NDArray[np.int16]) -> None:
    """Stored values ``[row, column]`` to HU in ``out``."""
    if one.slope == 1 and one.intercept == int(one.intercept):
        values = stored.astype(np.int32)
        values += int(one.intercept)
    else:
        values = np.rint(stored * one.slope + one.intercept)
    np.clip(values, HU_MINIMUM, HU_MAXIMUM, out=values)
    out[...] = values
    if one.padding is not None:
        low, high = one.padding
        padded = (stored == low) if low == high else (stored >= low) & (stored <= high)
        out[padded] = HU_MINIMUM
