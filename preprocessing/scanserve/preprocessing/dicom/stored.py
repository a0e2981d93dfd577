"""The stored pixels of frames, before any rescaling.

Uncompressed little-endian pixels are read straight from their place in the file, which the header pass
noted; everything else (JPEG, JPEG-LS, JPEG 2000, RLE, deflated, big endian) is decoded by pydicom and its
plug-ins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import parse_fragments
from pydicom.pixels import pixel_array
from pydicom.uid import UID

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom.frame import Frame
from scanserve.preprocessing.dicom.quiet import quiet_pydicom

__all__ = ["Pixels", "read_stored"]

Pixels = npt.NDArray[np.integer]

#: Bits of native pixels that are read without pydicom.
_WHOLE_BYTES = (8, 16, 32)


def read_stored(root: Path, frames: Sequence[Frame]) -> list[Pixels]:
    """Stored pixels of frames of one file, each ``[row, column]``.

    Args:
        root: folder that the file's path is relative to.
        frames: at least one, all of the same file.

    Raises:
        StudyError: code ``truncated-file``, ``unreadable-file`` or ``undecodable-pixels``.
    """
    pixel_format = frames[0].pixel_format
    native = pixel_format.offset >= 0 and pixel_format.bits_allocated in _WHOLE_BYTES
    try:
        return [_read_native(root, frame) for frame in frames] if native else _decode(root, frames)
    except StudyError:
        raise
    except OSError as error:
        raise StudyError("unreadable-file", f"{frames[0]} cannot be read: {error.strerror}.") from error
    except Exception as error:  # decoders raise anything on damaged data
        raise StudyError(
            "undecodable-pixels",
            f"{frames[0]} cannot be decoded (transfer syntax {pixel_format.transfer_syntax}).",
        ) from error


def _read_native(root: Path, frame: Frame) -> Pixels:
    pixel_format = frame.pixel_format
    dtype = np.dtype(f"<{'i' if pixel_format.signed else 'u'}{pixel_format.bits_allocated // 8}")
    count = frame.rows * frame.columns
    start = frame.index * count * dtype.itemsize
    if start + count * dtype.itemsize > pixel_format.length:
        raise _truncated(frame)
    with open(root / frame.file, "rb") as stream:
        stored = np.fromfile(stream, dtype, count, offset=pixel_format.offset + start)
    if stored.size < count:
        raise _truncated(frame)
    unused = pixel_format.bits_allocated - pixel_format.bits_stored
    return _without_high_bits(stored.reshape(frame.rows, frame.columns), unused)


def _without_high_bits(stored: Pixels, unused: int) -> Pixels:
    """Drop what the ``unused`` highest bits hold (overlays of old files), keeping the sign."""
    return (stored << unused) >> unused if unused > 0 else stored


def _decode(root: Path, frames: Sequence[Frame]) -> list[Pixels]:
    first = frames[0]
    with quiet_pydicom():  # odd values elsewhere in the header do not concern the pixels
        dataset = pydicom.dcmread(root / first.file, force=True)
        if "PixelData" not in dataset:
            raise _truncated(first)
        _state_transfer_syntax(dataset, first)
        _require_complete(dataset, first)
        decoded = pixel_array(dataset, raw=True)
    stored = decoded.reshape(-1, *decoded.shape[-2:])
    return [stored[frame.index] for frame in frames]


def _state_transfer_syntax(dataset: FileDataset, frame: Frame) -> None:
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = UID(frame.pixel_format.transfer_syntax)


def _require_complete(dataset: FileDataset, frame: Frame) -> None:
    """Compressed data must end in whole fragments, because decoders fill up what is cut off."""
    data = dataset.PixelData
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        try:
            parse_fragments(data)
        except Exception as error:
            raise _truncated(frame) from error
    elif len(data) < frame.rows * frame.columns * frame.count * frame.pixel_format.bits_allocated // 8:
        raise _truncated(frame)


def _truncated(frame: Frame) -> StudyError:
    return StudyError("truncated-file", f"{frame} is truncated: its pixel data ends too early.")
