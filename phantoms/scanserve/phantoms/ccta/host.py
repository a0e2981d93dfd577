"""The CT of a real heart into which the phantom's coronaries are laid, in the frame of the study.

The isocentre of the study lies ``isocentre`` mm (LPS of the CT) from the origin of the CT; the axes are those of the
CT.  One phase serves all phases: the chambers do not move, the vessels on them do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import affine_transform, map_coordinates, spline_filter

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.ranges import Ranges, replace_group
from scanserve.phantoms.ccta.walls import Walls

__all__ = ["AIR_HU", "HOST_SHAPE", "HOST_SPACING", "Host"]

#: Shape (z, y, x) and voxel size (x, y, z) in mm of the study: fine enough for an analysis.
HOST_SHAPE, HOST_SPACING = (176, 352, 352), (0.5, 0.5, 0.75)
#: The value outside the CT: air.
AIR_HU = -1000.0
#: Cubic splines instead of geometry's linear interpolation: fine vessels are added, and noise keeps its texture.
CUBIC: dict[str, Any] = {"order": 3, "mode": "constant", "cval": AIR_HU, "prefilter": False}

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Host:
    """The host: ``hu`` float32 [z, y, x] on ``grid``, ``pose`` and ``walls`` of its heart, in the frame of the study.

    ``blood_hu`` is the value of the aorta, None without contrast medium; ``fat_hu`` that of the fat on the heart.
    ``digest`` is what all studies in one CT share, and others do not.
    """

    hu: Floats
    grid: Grid
    pose: Pose
    walls: Walls
    blood_hu: float | None
    fat_hu: float
    digest: str

    @cached_property
    def _spline(self) -> Floats:
        return spline_filter(self.hu, 3, np.float32)

    def background(self, grid: Grid, shift: npt.ArrayLike = (0.0, 0.0, 0.0)) -> Floats:
        """The CT (HU, [z, y, x]) on ``grid`` by cubic splines, shifted by ``shift`` mm."""
        start = self.grid.to_index(grid.origin - np.asarray(shift))
        steps = (grid.spacing / self.grid.spacing)[::-1]
        return affine_transform(self._spline, steps, start, grid.shape, np.float32, **CUBIC)

    def background_points(self, points: npt.NDArray, shift: npt.ArrayLike = (0.0, 0.0, 0.0)) -> Floats:
        """The CT (HU, (N,)) at ``points`` (N, 3), shifted by ``shift`` mm."""
        index = self.grid.to_index(points - np.asarray(shift))
        return map_coordinates(self._spline, index.T, np.float32, **CUBIC)

    def ranges(self, ranges: Ranges) -> Ranges:
        """``ranges`` without the features that only the real chest determines."""
        return replace_group(ranges, "decoys", mammary_chance=0.0, lead_chance=0.0)

    def study_grid(self, points: npt.NDArray) -> Grid:
        """The grid of the study: around the vessels ``points`` (N, 3), and inside the CT as far as possible."""
        low, high = self.grid.bounds()
        half = (np.array(HOST_SHAPE[::-1]) - 1) * HOST_SPACING / 2
        middle = (points.min(0) + points.max(0)) / 2
        least, most = low + half, high - half
        room = (least + most) / 2
        centre = np.clip(middle, np.minimum(least, room), np.maximum(most, room))
        return Grid.centred(HOST_SHAPE, HOST_SPACING, np.round(centre, 2))
