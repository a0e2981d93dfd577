"""The CT slices of one file, from its header alone."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage

from scanserve.preprocessing.ct import tags
from scanserve.preprocessing.ct.decision.kinds import Kind, stated_kind
from scanserve.preprocessing.ct.functional_groups import FunctionalGroups
from scanserve.preprocessing.ct.phase_tags import PhaseTags
from scanserve.preprocessing.ct.rescale import read_rescale
from scanserve.preprocessing.ct.slices import IDENTITY_AXIAL, Slice
from scanserve.preprocessing.dicom import (
    MOST_PLACE_MM,
    FileRejectedError,
    Frame,
    Header,
    Orientation,
    PixelFormat,
    Position,
    length_mm,
    matrix,
    open_image,
    orientation,
    pixel_spacing,
    position,
    require_class,
    require_pixels,
    sop_uid,
)
from scanserve.preprocessing.dicom import tags as image_tags

__all__ = ["read_slices"]

_CT_CLASSES = frozenset({CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage})


def read_slices(root: str, name: str) -> list[Slice]:
    """The CT slices of one file, from its header alone.

    Args:
        root: folder that was read.
        name: path of the file below it.

    Raises:
        FileRejectedError: the file holds no usable CT slice.
    """
    header, pixel_format = open_image(root, name, tags.WANTED, _require_ct_slice)
    return list(_slices(name, header, pixel_format))


def _require_ct_slice(header: Header) -> None:
    require_class(header, _CT_CLASSES, "CT")
    _require_place(header)
    require_pixels(header)


def _require_place(header: Header) -> None:
    """Reject pictures made of slices, or to plan them, that have no place among slices."""
    image_type = tuple(part.upper() for part in header.texts(image_tags.IMAGE_TYPE))
    in_frames = tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE in header
    grey = (header.integer(image_tags.SAMPLES_PER_PIXEL) or 1) == 1
    if grey and (in_frames or tags.IMAGE_POSITION_PATIENT in header):
        return
    kind = stated_kind(image_type)
    if kind is Kind.LOCALIZER:
        raise FileRejectedError("localizer", "are localizer images (topograms)")
    if kind is Kind.PROJECTION:
        raise FileRejectedError("projection", "are projections or renderings made from other slices")


def _slices(name: str, header: Header, pixel_format: PixelFormat) -> Iterator[Slice]:
    uid, (rows, columns) = sop_uid(header), matrix(header)
    shared = header.item(tags.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
    count = _frame_count(header)
    for index in range(count):
        own = header.item(tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, index)
        frame = Frame(
            file=name,
            sop_uid=uid,
            index=index,
            count=count,
            rows=rows,
            columns=columns,
            pixel_format=pixel_format,
        )
        yield _slice(frame, FunctionalGroups(header, shared, own))


def _frame_count(header: Header) -> int:
    """How many frames there are, each of which must say where it lies.

    Raises:
        FileRejectedError: code ``no-frame-positions``.
    """
    stated = header.integer(image_tags.NUMBER_OF_FRAMES)
    if tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE not in header:
        if stated and stated > 1:
            raise FileRejectedError("no-frame-positions", "hold several frames without the position of each")
        return 1
    described = header.count(tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
    if not described or (stated or described) != described:
        raise FileRejectedError("no-frame-positions", "describe another number of frames than they state")
    return described


def _slice(frame: Frame, groups: FunctionalGroups) -> Slice:
    header = groups.header
    spacing = pixel_spacing(groups.numbers(tags.PIXEL_MEASURES_SEQUENCE, image_tags.PIXEL_SPACING))
    stated_orientation = _orientation(groups)
    place, place_assumed = _position(groups, frame, spacing)
    return Slice(
        frame=frame,
        series_uid=header.text(image_tags.SERIES_INSTANCE_UID),
        study_uid=header.text(image_tags.STUDY_INSTANCE_UID),
        frame_of_reference=header.text(tags.FRAME_OF_REFERENCE_UID),
        series_number=header.integer(image_tags.SERIES_NUMBER),
        pixel_spacing=spacing,
        position=place,
        orientation=stated_orientation or IDENTITY_AXIAL,
        thickness=_thickness(groups),
        kernel=_kernel(groups),
        tube_current=_tube_current(groups),
        rescale=read_rescale(groups),
        padding=_padding(header, frame.pixel_format),
        phase_tags=_phase_tags(groups),
        image_type=_image_type(groups),
        instance=header.integer(tags.INSTANCE_NUMBER),
        assumed=_assumed(position=place_assumed, orientation=stated_orientation is None),
    )


def _assumed(**assumptions: bool) -> frozenset[str]:
    return frozenset(name for name, made in assumptions.items() if made)


def _orientation(groups: FunctionalGroups) -> Orientation | None:
    sequence = tags.PLANE_ORIENTATION_SEQUENCE
    return orientation(groups.numbers(sequence, image_tags.IMAGE_ORIENTATION_PATIENT))


def _position(groups: FunctionalGroups, frame: Frame, spacing: tuple[float, float]) -> tuple[Position, bool]:
    """Position of the first pixel, and whether it is assumed: one with z alone is centred on x = y = 0."""
    values = groups.numbers(tags.PLANE_POSITION_SEQUENCE, tags.IMAGE_POSITION_PATIENT)
    stated = position(values)
    if stated is not None:
        return stated, False
    z = values[-1] if len(values) in (1, 3) else None
    if z is None:
        z = groups.header.number(tags.SLICE_LOCATION)
    if z is None or abs(z) > MOST_PLACE_MM:
        raise FileRejectedError("no-geometry", "do not say their position")
    return (-(frame.columns - 1) / 2 * spacing[1], -(frame.rows - 1) / 2 * spacing[0], z), True


def _thickness(groups: FunctionalGroups) -> float | None:
    stated = length_mm(groups.number(tags.PIXEL_MEASURES_SEQUENCE, image_tags.SLICE_THICKNESS))
    return None if stated is None else abs(stated)


def _kernel(groups: FunctionalGroups) -> str:
    kernel = groups.text(tags.CT_RECONSTRUCTION_SEQUENCE, tags.CONVOLUTION_KERNEL)
    return kernel.split("\\")[0]


def _image_type(groups: FunctionalGroups) -> tuple[str, ...]:
    stated = groups.text(tags.CT_IMAGE_FRAME_TYPE_SEQUENCE, tags.FRAME_TYPE)
    stated = stated or groups.header.text(image_tags.IMAGE_TYPE)
    return tuple(part.strip() for part in stated.upper().split("\\"))


def _tube_current(groups: FunctionalGroups) -> float | None:
    current = groups.number(tags.CT_EXPOSURE_SEQUENCE, tags.X_RAY_TUBE_CURRENT_IN_MA)
    return current or groups.header.number(tags.X_RAY_TUBE_CURRENT)


def _padding(header: Header, pixel_format: PixelFormat) -> tuple[int, int] | None:
    """The range of stored values that are padding, both ends included."""
    vr = "SS" if pixel_format.signed else "US"
    value = header.integer(tags.PIXEL_PADDING_VALUE, vr=vr)
    if value is None:
        return None
    limit = header.integer(tags.PIXEL_PADDING_RANGE_LIMIT, vr=vr)
    ends = [_as_stored(end, pixel_format) for end in (value, value if limit is None else limit)]
    return min(ends), max(ends)


def _as_stored(value: int, pixel_format: PixelFormat) -> int:
    """The value as signed pixels hold it, where the file wrote it unsigned."""
    half = 1 << (pixel_format.bits_allocated - 1)
    if pixel_format.signed:
        return value - 2 * half if value >= half else value
    return value + 2 * half if value < 0 else value


def _phase_tags(groups: FunctionalGroups) -> PhaseTags:
    header, content = groups.header, tags.FRAME_CONTENT_SEQUENCE
    cardiac = tags.CARDIAC_SYNCHRONIZATION_SEQUENCE
    trigger = groups.number(cardiac, tags.NOMINAL_CARDIAC_TRIGGER_DELAY_TIME)
    return PhaseTags(
        nominal_percent=groups.number(cardiac, tags.NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE),
        scan_options=header.text(tags.SCAN_OPTIONS),
        series_description=header.text(image_tags.SERIES_DESCRIPTION),
        image_comments=groups.text(content, tags.FRAME_COMMENTS) or header.text(tags.IMAGE_COMMENTS),
        trigger_ms=header.number(tags.TRIGGER_TIME) if trigger is None else trigger,
        temporal_index=groups.integer(content, tags.TEMPORAL_POSITION_INDEX),
        temporal_position=header.integer(tags.TEMPORAL_POSITION_IDENTIFIER),
        acquisition=header.integer(tags.ACQUISITION_NUMBER),
        content_time=header.number(tags.CONTENT_TIME),
        acquisition_time=header.number(tags.ACQUISITION_TIME),
    )
