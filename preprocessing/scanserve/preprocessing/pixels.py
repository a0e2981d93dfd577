"""From the files of a stack to a volume in Hounsfield units.

Uncompressed little-endian pixels are read straight from their place in the file, which the header pass
noted; everything else (JPEG, JPEG-LS, JPEG 2000, RLE, deflated, big endian) is decoded by pydicom and its
plug-ins.
"""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import parse_fragments
from pydicom.pixels import pixel_array
from pydicom.uid import UID

from scanserve.contracts import StudyError
from scanserve.preprocessing.geometry import Stack
from scanserve.preprocessing.quiet import quiet_pydicom
from scanserve.preprocessing.slices import Slice
from scanserve.preprocessing.volume import Volume

__all__ = ["HU_MAXIMUM", "HU_MINIMUM", "load_stack"]

#: The range of a volume: air outside the field, and the most that 12 bits hold above it.
HU_MINIMUM, HU_MAXIMUM = -1024, 3071
#: Files read at the same time.
READERS = 2

Pixels = npt.NDArray[np.integer]


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
        for (index, one), pixels in zip(places, _read(root, [one for _, one in places]), strict=True):
            _rescale(pixels, one, raw[index])

    with ThreadPoolExecutor(READERS) as pool:
        for _ in pool.map(fill, by_file):
            pass
    _compare_duplicates(root, stack, raw, label)
    return Volume(_reorient(raw, stack), np.array(stack.origin), np.array(stack.spacing))


def _reorient(raw: npt.NDArray[np.int16], stack: Stack) -> npt.NDArray[np.int16]:
    steps = tuple(slice(None, None, -1 if flip else 1) for flip in stack.flips)
    return np.ascontiguousarray(raw.transpose(stack.transpose)[steps])


def _compare_duplicates(root: Path, stack: Stack, raw: npt.NDArray[np.int16], label: str) -> None:
    """Slices at one position must hold the same image; then it does not matter which is used."""
    for index, other in stack.duplicates:
        again = np.empty_like(raw[index])
        _rescale(_read(root, [other])[0], other, again)
        if not np.array_equal(again, raw[index]):
            raise StudyError("duplicate-slices", (
                f"phase {label}: two different slices lie at one position ({stack.slices[index].file!r} and "
                f"{other.file!r}), so it is not clear which belongs to the phase."
            ))  # fmt: skip


def _read(root: Path, slices: list[Slice]) -> list[Pixels]:
    """Stored pixels of slices of one file, each ``[row, column]``."""
    native = slices[0].pixels.offset >= 0 and slices[0].pixels.bits_allocated in (8, 16, 32)
    try:
        return [_read_native(root, one) for one in slices] if native else _decode(root, slices)
    except StudyError:
        raise
    except OSError as error:
        raise StudyError(
            "unreadable-file", f"{_named(slices[0])} cannot be read: {error.strerror}."
        ) from error
    except Exception as error:  # decoders raise anything on damaged data
        raise StudyError(
            "undecodable-pixels",
            f"{_named(slices[0])} cannot be decoded (transfer syntax {slices[0].pixels.transfer_syntax}).",
        ) from error


def _read_native(root: Path, one: Slice) -> Pixels:
    pixels = one.pixels
    dtype = np.dtype(f"<{'i' if pixels.signed else 'u'}{pixels.bits_allocated // 8}")
    count = one.rows * one.columns
    start = one.frame * count * dtype.itemsize
    if start + count * dtype.itemsize > pixels.length:
        raise _truncated(one)
    with open(root / one.file, "rb") as stream:
        stored = np.fromfile(stream, dtype, count, offset=pixels.offset + start)
    if stored.size < count:
        raise _truncated(one)
    return _stored_bits(stored.reshape(one.rows, one.columns), one)


def _stored_bits(stored: Pixels, one: Slice) -> Pixels:
    """Drop what the bits above ``bits_stored`` hold (overlays of old files), keeping the sign."""
    unused = one.pixels.bits_allocated - one.pixels.bits_stored
    return (stored << unused) >> unused if unused > 0 else stored


def _decode(root: Path, slices: list[Slice]) -> list[Pixels]:
    with quiet_pydicom():  # odd values elsewhere in the header do not concern the pixels
        dataset = pydicom.dcmread(root / slices[0].file, force=True)
        if "PixelData" not in dataset:
            raise _truncated(slices[0])
        _state_transfer_syntax(dataset, slices[0])
        _require_complete(dataset, slices[0])
        decoded = pixel_array(dataset, raw=True)
    frames = decoded.reshape(-1, *decoded.shape[-2:])
    return [frames[one.frame] for one in slices]


def _state_transfer_syntax(dataset: FileDataset, one: Slice) -> None:
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = UID(one.pixels.transfer_syntax)


def _require_complete(dataset: FileDataset, one: Slice) -> None:
    """Compressed data must end in whole fragments, because decoders fill up what is cut off."""
    data = dataset.PixelData
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        try:
            parse_fragments(data)
        except Exception as error:
            raise _truncated(one) from error
    elif len(data) < one.rows * one.columns * one.frames * one.pixels.bits_allocated // 8:
        raise _truncated(one)


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


def _named(one: Slice) -> str:
    frame = f", frame {one.frame + 1}" if one.frames > 1 else ""
    return f"the file {one.file!r} ({one.sop_uid or 'no instance UID'}{frame})"


def _truncated(one: Slice) -> StudyError:
    return StudyError("truncated-file", f"{_named(one)} is truncated: its pixel data ends too early.")
