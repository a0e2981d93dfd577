"""Where restored frames lie: the geometry of their source, moved to the first of them.

A place that is not known is left out rather than copied: a wrong one is worse than none.
"""

from __future__ import annotations

import numpy as np
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import format_number_as_ds

from scanserve.preprocessing import Tomogram
from scanserve.preprocessing.dicom import Position, orientation, position

__all__ = ["place_frames"]


def place_frames(ds: Dataset, source: Tomogram, first: int, count: int) -> None:
    """Write how many frames there are, how far apart, and where the first of them lies.

    Args:
        ds: a copy of the source's header.
        source: the tomogram.
        first: index of the first frame in the source, from 0.
        count: of frames.
    """
    ds.NumberOfFrames = ds.NumberOfSlices = count
    ds.FrameIncrementPointer = tag_for_keyword("SliceVector")
    ds.SliceVector = list(range(1, count + 1))
    ds.PixelSpacing = [format_number_as_ds(float(value)) for value in source.spacing_mm[1:]]
    _set_length(ds, "SpacingBetweenSlices", None if source.spacing_mm[0] is None else source.step_mm)
    _set_length(ds, "SliceThickness", source.thickness_mm)
    stated = _position(ds)
    for detector in ds.get("DetectorInformationSequence", ()):
        _place(detector, _position(detector) or stated, source, first)
    _place(ds, stated, source, first)


def _set_length(ds: Dataset, keyword: str, value: float | None) -> None:
    if value is None:
        ds.pop(keyword, None)
    else:
        setattr(ds, keyword, format_number_as_ds(float(value)))


def _place(holder: Dataset, stated: Position | None, source: Tomogram, first: int) -> None:
    """Move the place of the first frame along the normal; the sign of the step says which way frames go."""
    directions = orientation(_numbers(holder, "ImageOrientationPatient")) or source.orientation
    step = 0.0 if first == 0 else source.step_mm
    if stated is None or directions is None or step is None:
        holder.pop("ImagePositionPatient", None)
        return
    normal = np.cross(directions[:3], directions[3:])
    moved = np.array(stated) + normal * step * first
    holder.ImagePositionPatient = [f"{value:.6g}" for value in moved]
    holder.ImageOrientationPatient = [format_number_as_ds(float(value)) for value in directions]


def _position(holder: Dataset) -> Position | None:
    return position(_numbers(holder, "ImagePositionPatient"))


def _numbers(holder: Dataset, keyword: str) -> list[float | None]:
    """The numbers of an element of a valid header."""
    values = holder.get(keyword)
    return [float(value) for value in values] if isinstance(values, MultiValue) else []
