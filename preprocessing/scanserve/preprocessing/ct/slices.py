"""One CT slice as its header describes it: place, phase tags, and how its pixels are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scanserve.preprocessing.dicom import header as h
from scanserve.preprocessing.dicom.header import Elements
from scanserve.preprocessing.dicom.imagefile import (
    IMAGE_TAGS,
    FileRejectedError,
    PixelFormat,
    open_image,
    require_class,
    require_pixels,
)

__all__ = ["IDENTITY_AXIAL", "PhaseTags", "Slice", "read_slices"]

_CT_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.2.1",
    "1.2.840.10008.5.1.4.1.1.2.2",
}
_PROJECTIONS = {"MIP", "MINIP", "VRT", "SSD", "CPR", "VOLUME_RENDERING", "PROJECTION IMAGE", "CURVED"}

Orientation = tuple[float, float, float, float, float, float]

#: Row and column direction cosines of an axial slice of a supine, head-first patient.
IDENTITY_AXIAL: Orientation = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_TAGS = [
    *IMAGE_TAGS, 0x0008103E, 0x00180022, 0x00180050, 0x00180088, 0x00181060, 0x00181151, 0x00181210, 0x00200012,
    0x00200032, 0x00200037, 0x00200052, 0x00200100, 0x00201041, 0x00204000, 0x00209241, 0x00280030, 0x00280120,
    0x00280121, 0x00281052, 0x00281053, _SHARED, _PER_FRAME,
]  # fmt: skip


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
    header, pixels = open_image(root, name, _TAGS, _require_ct_image)
    return list(_slices(name, header, pixels))


def _require_ct_image(header: Elements) -> None:
    require_class(header, _CT_CLASSES, "CT")
    _require_slice(header)


def _require_slice(header: Elements) -> None:
    image_type = {part.upper() for part in h.texts(header, 0x00080008)}
    if "LOCALIZER" in image_type:
        raise FileRejectedError("localizer", "are localizer images (topograms)")
    if image_type & _PROJECTIONS:
        raise FileRejectedError("projection", "are projections or renderings made from other slices")
    require_pixels(header)


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
