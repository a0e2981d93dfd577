"""One CT slice as its header describes it: place, phase tags, and how its pixels are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import UID

from scanserve.preprocessing import header as h
from scanserve.preprocessing.header import Elements

__all__ = ["IDENTITY_AXIAL", "FileRejectedError", "PhaseTags", "PixelFormat", "Slice", "read_slices"]

_CT_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
}
_DICOMDIR = "1.2.840.10008.1.3.10"
_NATIVE_LITTLE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
_PROJECTIONS = {"MIP", "MINIP", "VRT", "SSD", "CPR", "VOLUME_RENDERING", "PROJECTION IMAGE", "CURVED"}

Orientation = tuple[float, float, float, float, float, float]

#: Row and column direction cosines of an axial slice of a supine, head-first patient.
IDENTITY_AXIAL: Orientation = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_TAGS = [
    0x00080008, 0x00080016, 0x00080018, 0x00080060, 0x0008103E, 0x00180022, 0x00180050, 0x00180088,
    0x00181060, 0x00181151, 0x00181210, 0x0020000D, 0x0020000E, 0x00200011, 0x00200012, 0x00200032,
    0x00200037, 0x00200052, 0x00200100, 0x00201041, 0x00204000, 0x00209241, 0x00280002, 0x00280008,
    0x00280010, 0x00280011, 0x00280030, 0x00280100, 0x00280101, 0x00280103, 0x00280120, 0x00280121,
    0x00281052, 0x00281053, _SHARED, _PER_FRAME,
]  # fmt: skip


class FileRejectedError(Exception):
    """A file that holds no usable CT slice; ``code`` and ``reason`` are as in ``Skipped``."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class PixelFormat:
    """How the pixels of one file are kept.

    ``offset`` and ``length`` are those of the native little-endian pixel data in bytes, or ``offset`` is
    -1 where the pixels must be decoded.  ``file_size`` is in bytes.
    """

    transfer_syntax: str
    bits_allocated: int
    bits_stored: int
    signed: bool
    offset: int
    length: int
    file_size: int

    @property
    def truncated(self) -> bool:
        """Whether the native pixel data is known to end after the file does."""
        return self.offset >= 0 and self.offset + self.length > self.file_size


@dataclass(frozen=True)
class PhaseTags:
    """What one slice says about its cardiac phase; ``None`` or ``""`` where it says nothing."""

    nominal_percent: float | None = None
    scan_options: str = ""
    series_description: str = ""
    image_comments: str = ""
    trigger_ms: float | None = None
    temporal_position: int | None = None
    acquisition: int | None = None


@dataclass(frozen=True)
class Slice:
    """One CT slice; one frame of a multi-frame file is one slice.

    Attributes:
        file: path relative to the folder that was read.
        frame: index of the frame in the file, from 0.
        rows, columns: pixels.
        pixel_spacing: ``(between rows, between columns)``, mm.
        position: centre of the first pixel, ``(x, y, z)``, mm, LPS.
        orientation: direction cosines of a row, then of a column (PS3.3 C.7.6.2.1.1).
        assumed: which of position and orientation were not in the file and assumed.
    """

    file: str
    frame: int
    frames: int
    sop_uid: str
    series_uid: str
    study_uid: str
    frame_of_reference: str
    series_number: int | None
    rows: int
    columns: int
    pixel_spacing: tuple[float, float]
    position: tuple[float, float, float]
    orientation: Orientation
    thickness: float | None
    kernel: str
    tube_current: float | None
    slope: float
    intercept: float
    padding: tuple[int, int] | None
    pixels: PixelFormat
    tags: PhaseTags = field(default_factory=PhaseTags)
    assumed: frozenset[str] = frozenset()


def read_slices(root: str, name: str) -> list[Slice]:
    """The CT slices of one file, from its header alone.

    Args:
        root: folder that was read.
        name: path of the file below it.

    Raises:
        FileRejectedError: the file holds no usable CT slice.
    """
    try:
        with open(os.path.join(root, name), "rb") as stream:
            dataset = _read_header(stream)
            header = h.elements(getattr(dataset, "file_meta", Dataset()), dataset)
            _require_ct_image(header)
            pixels = _pixel_format(header, dataset.original_encoding, stream)
    except FileRejectedError:
        raise
    except Exception as error:  # whatever a malformed file makes the parser raise, it is one unreadable file
        raise FileRejectedError("unreadable", "could not be parsed as DICOM") from error
    return list(_slices(name, header, pixels))


def _read_header(stream: BinaryIO) -> Dataset:
    start = stream.read(132)
    preamble = start[128:] == b"DICM"
    if not preamble and start[:2] not in (b"\x08\x00", b"\x02\x00"):
        raise FileRejectedError("not-dicom", "are not DICOM")
    stream.seek(0)
    return pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=_TAGS, force=not preamble)


def _transfer_syntax(header: Elements, implicit: bool, little: bool) -> str:
    stated = h.text(header, 0x00020010)
    if stated:
        return stated
    if not little:
        return "1.2.840.10008.1.2.2"
    return "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"


def _pixel_format(
    header: Elements, encoding: tuple[bool | None, bool | None], stream: BinaryIO
) -> PixelFormat:
    implicit, little = map(bool, encoding)
    syntax = _transfer_syntax(header, implicit, little)
    stated = h.integer(header, 0x00280100) or 16
    offset, length = -1, 0
    if syntax in _NATIVE_LITTLE:
        offset, length = _native_pixels(stream, implicit=implicit)
    return PixelFormat(
        transfer_syntax=syntax,
        bits_allocated=stated,
        bits_stored=h.integer(header, 0x00280101) or stated,
        signed=h.integer(header, 0x00280103) == 1,
        offset=offset,
        length=length,
        file_size=os.fstat(stream.fileno()).st_size,
    )


def _native_pixels(stream: BinaryIO, *, implicit: bool) -> tuple[int, int]:
    """Offset and length in bytes of the pixel data whose element starts where the stream stands."""
    start = stream.read(12)
    if start[:4] != b"\xe0\x7f\x10\x00":
        raise FileRejectedError("no-pixels", "hold no pixel data")
    size = start[4:8] if implicit else start[8:12]
    back = 4 if implicit else 0
    return stream.tell() - back, int.from_bytes(size, "little")


def _require_ct_image(header: Elements) -> None:
    sop_class = h.text(header, 0x00080016) or h.text(header, 0x00020002)
    if sop_class == _DICOMDIR:
        raise FileRejectedError("dicomdir", "are directories of a disc (DICOMDIR)")
    modality = h.text(header, 0x00080060)
    if not sop_class and not modality:
        raise FileRejectedError("unreadable", "could not be parsed as DICOM")
    if sop_class not in _CT_CLASSES and (sop_class or modality != "CT"):
        raise FileRejectedError("not-ct", f"are {_class_name(sop_class)}, not CT images")
    _require_slice(header)


def _class_name(sop_class: str) -> str:
    name = UID(sop_class, validation_mode=0).name if sop_class else ""
    return name.removesuffix(" Storage") if name and name != sop_class else "DICOM objects of another kind"


def _require_slice(header: Elements) -> None:
    image_type = {part.upper() for part in h.texts(header, 0x00080008)}
    if "LOCALIZER" in image_type:
        raise FileRejectedError("localizer", "are localizer images (topograms)")
    if image_type & _PROJECTIONS:
        raise FileRejectedError("projection", "are projections or renderings made from other slices")
    if (h.integer(header, 0x00280002) or 1) != 1:
        raise FileRejectedError("colour", "are colour images")
    if not h.integer(header, 0x00280010) or not h.integer(header, 0x00280011):
        raise FileRejectedError("no-pixels", "hold no pixel data")


def _slices(name: str, header: Elements, pixels: PixelFormat) -> Iterator[Slice]:
    shared = h.item(header, _SHARED) or {}
    frames = max(1, h.integer(header, 0x00280008, "IS") or 1) if _PER_FRAME in header else 1
    for frame in range(frames):
        own = h.item(header, _PER_FRAME, frame) if frames > 1 or _PER_FRAME in header else None
        yield _slice(name, _Groups(header, shared, own or {}), pixels, frame, frames)


class _Groups:
    """Attributes of one frame: its own functional groups first, then the shared ones, then the file's."""

    def __init__(self, header: Elements, shared: Elements, own: Elements) -> None:
        self.header = header
        self._sources = (own, shared)

    def within(self, sequence: int, tag: int) -> Elements:
        """The dataset that holds ``tag``: an item of the group ``sequence``, or the file's header."""
        for source in self._sources:
            found = h.item(source, sequence)
            if found is not None and tag in found:
                return found
        return self.header

    def numbers(self, sequence: int, tag: int, vr: str = "DS") -> tuple[float | None, ...]:
        return h.numbers(self.within(sequence, tag), tag, vr)

    def number(self, sequence: int, tag: int, vr: str = "DS") -> float | None:
        return next(iter(self.numbers(sequence, tag, vr)), None)


_PLANE_POSITION, _PLANE_ORIENTATION, _MEASURES = 0x00209113, 0x00209116, 0x00289110
_TRANSFORMATION, _CARDIAC, _RECONSTRUCTION = 0x00289145, 0x00189118, 0x00189314
_EXPOSURE = 0x00189321


def _slice(name: str, groups: _Groups, pixels: PixelFormat, frame: int, frames: int) -> Slice:
    header = groups.header
    assumed: set[str] = set()
    rows, columns = h.integer(header, 0x00280010) or 0, h.integer(header, 0x00280011) or 0
    spacing = _pixel_spacing(groups)
    current = groups.number(_EXPOSURE, 0x00189330, "FD") or h.number(header, 0x00181151, "IS")
    slope = groups.number(_TRANSFORMATION, 0x00281053)
    return Slice(
        file=name,
        frame=frame,
        frames=frames,
        sop_uid=h.text(header, 0x00080018) or h.text(header, 0x00020003),
        series_uid=h.text(header, 0x0020000E),
        study_uid=h.text(header, 0x0020000D),
        frame_of_reference=h.text(header, 0x00200052),
        series_number=h.integer(header, 0x00200011, "IS"),
        rows=rows,
        columns=columns,
        pixel_spacing=spacing,
        orientation=_orientation(groups, assumed),
        position=_position(groups, (rows, columns), spacing, assumed),
        thickness=groups.number(_MEASURES, 0x00180050) or None,
        kernel=_kernel(groups),
        tube_current=current,
        slope=slope if slope else 1.0,
        intercept=groups.number(_TRANSFORMATION, 0x00281052) or 0.0,
        padding=_padding(header, pixels),
        pixels=pixels,
        tags=_phase_tags(groups),
        assumed=frozenset(assumed),
    )


def _pixel_spacing(groups: _Groups) -> tuple[float, float]:
    values = groups.numbers(_MEASURES, 0x00280030)
    if len(values) != 2 or not all(value and value > 0 for value in values):
        raise FileRejectedError("no-geometry", "do not say their pixel spacing")
    return values[0], values[1]  # type: ignore[return-value]


def _orientation(groups: _Groups, assumed: set[str]) -> Orientation:
    values = groups.numbers(_PLANE_ORIENTATION, 0x00200037)
    if len(values) != 6 or any(value is None for value in values):
        assumed.add("orientation")
        return IDENTITY_AXIAL
    return values  # type: ignore[return-value]


def _position(
    groups: _Groups, shape: tuple[int, int], spacing: tuple[float, float], assumed: set[str]
) -> tuple[float, float, float]:
    """Position of the first pixel; one that carries only z is centred on x = y = 0."""
    values = groups.numbers(_PLANE_POSITION, 0x00200032)
    if len(values) == 3 and all(value is not None for value in values):
        return values  # type: ignore[return-value]
    z = values[-1] if len(values) in (1, 3) else None
    if z is None:
        z = h.number(groups.header, 0x00201041)
    if z is None:
        raise FileRejectedError("no-geometry", "do not say their position")
    assumed.add("position")
    return -(shape[1] - 1) / 2 * spacing[1], -(shape[0] - 1) / 2 * spacing[0], z


def _kernel(groups: _Groups) -> str:
    return h.text(groups.within(_RECONSTRUCTION, 0x00181210), 0x00181210).split("\\")[0]


def _padding(header: Elements, pixels: PixelFormat) -> tuple[int, int] | None:
    """The range of stored values that are padding, both ends included."""
    vr = "SS" if pixels.signed else "US"
    value = h.integer(header, 0x00280120, vr)
    if value is None:
        return None
    limit = h.integer(header, 0x00280121, vr)
    ends = [_as_stored(end, pixels) for end in (value, value if limit is None else limit)]
    return min(ends), max(ends)


def _as_stored(value: int, pixels: PixelFormat) -> int:
    """The value as signed pixels hold it, where the file wrote it unsigned."""
    half = 1 << (pixels.bits_allocated - 1)
    if pixels.signed:
        return value - 2 * half if value >= half else value
    return value + 2 * half if value < 0 else value


def _phase_tags(groups: _Groups) -> PhaseTags:
    header = groups.header
    trigger = groups.number(_CARDIAC, 0x00209153, "FD")
    return PhaseTags(
        nominal_percent=groups.number(_CARDIAC, 0x00209241, "FL"),
        scan_options=h.text(header, 0x00180022),
        series_description=h.text(header, 0x0008103E),
        image_comments=h.text(header, 0x00204000),
        trigger_ms=h.number(header, 0x00181060) if trigger is None else trigger,
        temporal_position=h.integer(header, 0x00200100, "IS"),
        acquisition=h.integer(header, 0x00200012, "IS"),
    )
