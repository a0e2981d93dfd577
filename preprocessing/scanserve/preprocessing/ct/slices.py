"""One CT slice as its header describes it: which frame it is, where it lies, and how its values become HU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.phase_tags import PhaseTags
from scanserve.preprocessing.ct.rescale import Rescale
from scanserve.preprocessing.dicom import Frame, Orientation, Position

__all__ = ["IDENTITY_AXIAL", "Position", "Slice", "normal_of", "normal_positions"]

#: Row and column direction cosines of an axial slice of a supine, head-first patient.
IDENTITY_AXIAL: Orientation = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Slice:
    """One CT slice; one frame of a multi-frame file is one slice.

    Attributes:
        frame: where its pixels lie.
        series_uid, study_uid, frame_of_reference: UIDs, or ``""``.
        pixel_spacing: ``(between rows, between columns)``, mm.
        position: centre of the first pixel, ``(x, y, z)``, mm, LPS.
        orientation: direction cosines of a row, then of a column.
        thickness: mm.
        tube_current: mA.
        rescale: how stored values become HU, or why that is not known.
        padding: least and greatest stored value that is padding.
        phase_tags: what the slice says about its cardiac phase.
        image_type: the values of the image type, in capitals.
        instance: number of the instance within its series, or ``None``.
        assumed: which of position and orientation were not in the file and assumed.
    """

    frame: Frame
    series_uid: str
    study_uid: str
    frame_of_reference: str
    series_number: int | None
    pixel_spacing: tuple[float, float]
    position: Position
    orientation: Orientation
    thickness: float | None
    kernel: str
    tube_current: float | None
    rescale: Rescale
    padding: tuple[int, int] | None
    phase_tags: PhaseTags = field(default_factory=PhaseTags)
    image_type: tuple[str, ...] = ()
    instance: int | None = None
    assumed: frozenset[str] = frozenset()

    @property
    def rescale_type(self) -> str:
        """The unit of the rescaled values in capitals, or ``""``."""
        return self.rescale.unit

    @property
    def slope(self) -> float:
        """Of stored values to HU; NaN where it is not known."""
        return self.rescale.slope

    @property
    def intercept(self) -> float:
        """HU of the stored value 0; NaN where it is not known."""
        return self.rescale.intercept

    @property
    def file(self) -> str:
        """Path of the file that holds it, relative to the folder that was read."""
        return self.frame.file


def normal_of(orientation: Sequence[float]) -> npt.NDArray[np.float64]:
    """Unit normal ``(x, y, z)`` of a slice: row direction cross column direction."""
    normal = np.cross(orientation[:3], orientation[3:])
    length = np.linalg.norm(normal)
    return normal / length if length > 0 else np.array([0.0, 0.0, 1.0])


def normal_positions(slices: Sequence[Slice]) -> npt.NDArray[np.float64]:
    """Position of each slice along the normal of the first, mm, shape ``(len(slices),)``."""
    return np.array([image.position for image in slices]) @ normal_of(slices[0].orientation)
