"""Array types of this package."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Float32", "Index", "Mask"]

#: Positions, lengths and weights.
Array = npt.NDArray[np.float64]
#: Interpolated values.
Float32 = npt.NDArray[np.float32]
#: Voxels ``(z, y, x)`` and indices of points.
Index = npt.NDArray[np.intp]
#: Selections.
Mask = npt.NDArray[np.bool_]
