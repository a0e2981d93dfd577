"""CT slices in memory, as a header would describe them."""

from __future__ import annotations

from dataclasses import replace

from scanserve.preprocessing.ct.phase_tags import PhaseTags
from scanserve.preprocessing.ct.rescale import Rescale
from scanserve.preprocessing.ct.slices import IDENTITY_AXIAL, Slice
from scanserve.preprocessing.dicom import Frame, PixelFormat

PIXEL_FORMAT = PixelFormat("1.2.840.10008.1.2.1", 16, 16, True, offset=0, length=40, file_size=40)


def frame(file: str = "a", **changes) -> Frame:
    """The only frame of a file of 4 rows and 5 columns."""
    return replace(Frame(file, f"1.2.3.{file}", 0, 1, 4, 5, PIXEL_FORMAT), **changes)


def ct_slice(z: float = 0.0, file: str | None = None, *, tags: dict | None = None, **changes) -> Slice:
    """An axial slice at height ``z`` mm; ``tags`` are fields of its PhaseTags, ``changes`` of the slice."""
    image = Slice(
        frame=frame(file or f"z{z:g}"),
        series_uid="1.2.3.2",
        study_uid="1.2.3.1",
        frame_of_reference="1.2.3.3",
        series_number=3,
        pixel_spacing=(0.4, 0.3),
        position=(0.0, 0.0, z),
        orientation=IDENTITY_AXIAL,
        thickness=0.5,
        kernel="B26f",
        tube_current=None,
        rescale=Rescale(1.0, -1024.0),
        padding=None,
        phase_tags=PhaseTags(**(tags or {})),
    )
    return replace(image, **changes)


def series(count: int = 6, step: float = 0.5, name: str = "s", **settings) -> list[Slice]:
    """``count`` slices from z = 0, ``step`` mm apart, in files ``name0``, ``name1`` ..."""
    return [ct_slice(index * step, f"{name}{index}", **settings) for index in range(count)]
