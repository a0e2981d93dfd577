"""The stored pixels of frames, before any rescaling.

Uncompressed pixels are read straight from their place in the file, which the header pass noted, and compressed ones
are decoded frame by frame.  What a header or a codestream states about sizes is compared with what is there first.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder
from pydicom.uid import RLELossless

from scanserve.contracts import StudyError
from scanserve.contracts.printable import printable
from scanserve.preprocessing.dicom.codestream import stated_size
from scanserve.preprocessing.dicom.fragments import FragmentsError, frames_of, read_fragments, read_frame
from scanserve.preprocessing.dicom.frame import Frame
from scanserve.preprocessing.dicom.jpeg import plugin_of
from scanserve.preprocessing.dicom.pixel_format import PixelFormat
from scanserve.preprocessing.dicom.quiet import quiet_pydicom
from scanserve.preprocessing.dicom.runlength import decode_runs

__all__ = ["Pixels", "read_stored", "read_words", "values_of"]

Pixels = npt.NDArray[np.integer]

#: Deflated bytes that are taken from a file at a time.
_CHUNK = 1 << 16


def read_stored(root: Path, frames: Sequence[Frame]) -> list[Pixels]:
    """Stored values of frames of one file, each ``[row, column]``.

    Args:
        root: folder that the file's path is relative to.
        frames: at least one, all of the same file.

    Raises:
        StudyError: code ``truncated-file``, ``unreadable-file``, ``undecodable-pixels`` or ``bits-invalid``.
    """
    words = read_words(root, frames)
    return [values_of(word, frame) for word, frame in zip(words, frames, strict=True)]


def read_words(root: Path, frames: Sequence[Frame]) -> list[Pixels]:
    """As :func:`read_stored`, with whatever the bits of a pixel hold that are not stored values.

    Raises:
        StudyError: code ``truncated-file``, ``unreadable-file`` or ``undecodable-pixels``.
    """
    first = frames[0]
    if first.pixel_format.truncated:
        raise _truncated(first)
    try:
        with open(root / first.file, "rb") as file:
            read = _read_compressed if first.pixel_format.compressed else _read_native
            return read(file, frames)
    except (StudyError, MemoryError):
        raise
    except OSError as error:
        raise StudyError("unreadable-file", f"{first} cannot be read: {error.strerror}.") from error
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except (
        BaseException
    ) as error:  # decoders raise anything on damaged data, those in Rust what is no Exception
        syntax = printable(first.pixel_format.transfer_syntax)
        raise StudyError(
            "undecodable-pixels", f"{first} cannot be decoded (transfer syntax {syntax})."
        ) from error


def values_of(words: Pixels, frame: Frame) -> Pixels:
    """The stored values in the bits of ``words``, with their sign.

    What the bits above them hold (overlays of old files) is dropped.  Bits below must be empty: where they are not,
    the values lie elsewhere than the header says.

    Raises:
        StudyError: code ``bits-invalid``.
    """
    form = frame.pixel_format
    above = form.bits_allocated - form.bits_stored - form.shift
    if form.compressed and form.transfer_syntax != RLELossless:
        return words  # decoders know where the values lie
    if form.shift and (words & ((1 << form.shift) - 1)).any():
        raise StudyError(
            "bits-invalid",
            f"{frame} states that the lowest {form.shift} bits of a pixel hold no value (HighBit), but they do.",
        )
    return (words << above) >> (above + form.shift) if above or form.shift else words


def _read_native(file: BinaryIO, frames: Sequence[Frame]) -> list[Pixels]:
    form = frames[0].pixel_format
    order, kind = "<" if form.little_endian else ">", "i" if form.signed else "u"
    dtype = np.dtype(f"{order}{kind}{form.bits_allocated // 8}")
    size = frames[0].rows * frames[0].columns * dtype.itemsize
    last = max(frame.index for frame in frames)
    if (last + 1) * size > form.length:
        raise _truncated(max(frames, key=lambda frame: frame.index))
    data = _inflated(file, form, (last + 1) * size) if form.deflated_at is not None else None
    return [_native(file, data, frame, dtype) for frame in frames]


def _native(file: BinaryIO, data: bytes | None, frame: Frame, dtype: np.dtype) -> Pixels:
    """The pixels of one frame in ``data``, or in the file."""
    form = frame.pixel_format
    count = frame.rows * frame.columns
    start = frame.index * count * dtype.itemsize
    if data is None:
        file.seek(form.offset + start)
        part = file.read(count * dtype.itemsize)
    else:
        part = data[start : start + count * dtype.itemsize]
    if len(part) < count * dtype.itemsize:
        raise _truncated(frame)
    if form.swapped:
        part = np.frombuffer(part, ">u2").astype("<u2").tobytes()
    words = np.frombuffer(part, dtype, count).reshape(frame.rows, frame.columns)
    return words.astype(dtype.newbyteorder("="))


def _inflated(file: BinaryIO, form: PixelFormat, size: int) -> bytes:
    """The first ``size`` bytes of deflated pixel data; what lies before is inflated in parts and dropped."""
    file.seek(form.deflated_at or 0)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    before, found = form.offset, bytearray()
    while len(found) < size and not inflater.eof:
        data = inflater.unconsumed_tail or file.read(_CHUNK)
        if not data:
            break
        part = inflater.decompress(data, _CHUNK)
        found += part[before:]
        before = max(before - len(part), 0)
    return bytes(found[:size])


def _read_compressed(file: BinaryIO, frames: Sequence[Frame]) -> list[Pixels]:
    form = frames[0].pixel_format
    try:
        fragments, offsets = read_fragments(file, form.offset, form.file_size)
        parts = frames_of(file, fragments, offsets, frames[0].count)
    except FragmentsError as error:
        raise _truncated(frames[0]) from error
    with quiet_pydicom():
        return [_decode(read_frame(file, parts[frame.index]), frame) for frame in frames]


def _decode(data: bytes, frame: Frame) -> Pixels:
    form = frame.pixel_format
    if form.transfer_syntax == RLELossless:
        dtype = f"<{'i' if form.signed else 'u'}{form.bits_allocated // 8}"
        return decode_runs(data, frame.rows * frame.columns, dtype).reshape(frame.rows, frame.columns)
    if stated_size(data) != (frame.rows, frame.columns, 1):
        raise ValueError("the frame is of another size than the header says")
    options: dict[str, Any] = {
        "rows": frame.rows,
        "columns": frame.columns,
        "number_of_frames": 1,
        "samples_per_pixel": 1,
        "photometric_interpretation": "MONOCHROME2",
        "bits_allocated": form.bits_allocated,
        "bits_stored": form.bits_stored,
        "pixel_representation": int(form.signed),
        "pixel_keyword": "PixelData",
    }
    plugin = plugin_of(form.transfer_syntax)
    decoder = get_decoder(form.transfer_syntax)
    frames = encapsulate([data], has_bot=False)
    return decoder.as_array(frames, index=0, raw=True, decoding_plugin=plugin, **options)[0]


def _truncated(frame: Frame) -> StudyError:
    return StudyError("truncated-file", f"{frame} is truncated: its pixel data ends too early.")
