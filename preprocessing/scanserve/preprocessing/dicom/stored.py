"""The stored pixels of frames, before any rescaling.

Uncompressed little-endian pixels are read straight from their place in the file, which the header pass
noted; everything else (JPEG, JPEG-LS, JPEG 2000, RLE, deflated, big endian) is decoded by pydicom and its
plug-ins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import parse_fragments
from pydicom.pixels import pixel_array
from pydicom.uid import UID

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom.imagefile import PixelFormat
from scanserve.preprocessing.dicom.quiet import quiet_pydicom

__all__ = ["Frame", "Pixels", "read_stored"]

Pixels = npt.NDArray[np.integer]


class Frame(Protocol):
    """Where one frame lies: the file (relative path), its number in it from 0, and how many that holds."""

    @property
    def file(self) -> str: ...  # noqa: D102
    @property
    def frame(self) -> int: ...  # noqa: D102
    @property
    def frames(self) -> int: ...  # noqa: D102
    @property
    def sop_uid(self) -> str: ...  # noqa: D102
    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def columns(self) -> int: ...  # noqa: D102
    @property
    def pixels(self) -> PixelFormat: ...  # noqa: D102


def read_stored(root: Path, frames: Sequence[Frame]) -> list[Pixels]:
    """Stored pixels of frames of one file, each ``[row, column]``.

    Args:
        root: folder that the file's path is relative to.
        frames: at least one, all of the same file.

    Raises:
        StudyError: code ``truncated-file``, ``unreadable-file`` or ``undecodable-pixels``.
    """
    native = frames[0].pixels.offset >= 0 and frames[0].pixels.bits_allocated in (8, 16, 32)
    try:
        return [_read_native(root, one) for one in frames] if native else _decode(root, frames)
    except StudyError:
        raise
    except OSError as error:
        raise StudyError(
            "unreadable-file", f"{_named(frames[0])} cannot be read: {error.strerror}."
        ) from error
    except Exception as error:  # decoders raise anything on damaged data
        raise StudyError(
            "undecodable-pixels",
            f"{_named(frames[0])} cannot be decoded (transfer syntax {frames[0].pixels.transfer_syntax}).",
        ) from error


def _read_native(root: Path, one: Frame) -> Pixels:
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


def _stored_bits(stored: Pixels, one: Frame) -> Pixels:
    """Drop what the bits above ``bits_stored`` hold (overlays of old files), keeping the sign."""
    unused = one.pixels.bits_allocated - one.pixels.bits_stored
    return (stored << unused) >> unused if unused > 0 else stored


def _decode(root: Path, frames: Sequence[Frame]) -> list[Pixels]:
    with quiet_pydicom():  # odd values elsewhere in the header do not concern the pixels
        dataset = pydicom.dcmread(root / frames[0].file, force=True)
        if "PixelData" not in dataset:
            raise _truncated(frames[0])
        _state_transfer_syntax(dataset, frames[0])
        _require_complete(dataset, frames[0])
        decoded = pixel_array(dataset, raw=True)
    stored = decoded.reshape(-1, *decoded.shape[-2:])
    return [stored[one.frame] for one in frames]


def _state_transfer_syntax(dataset: FileDataset, one: Frame) -> None:
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = UID(one.pixels.transfer_syntax)


def _require_complete(dataset: FileDataset, one: Frame) -> None:
    """Compressed data must end in whole fragments, because decoders fill up what is cut off."""
    data = dataset.PixelData
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        try:
            parse_fragments(data)
        except Exception as error:
            raise _truncated(one) from error
    elif len(data) < one.rows * one.columns * one.frames * one.pixels.bits_allocated // 8:
        raise _truncated(one)


def _named(one: Frame) -> str:
    frame = f", frame {one.frame + 1}" if one.frames > 1 else ""
    return f"the file {one.file!r} ({one.sop_uid or 'no instance UID'}{frame})"


def _truncated(one: Frame) -> StudyError:
    return StudyError("truncated-file", f"{_named(one)} is truncated: its pixel data ends too early.")
