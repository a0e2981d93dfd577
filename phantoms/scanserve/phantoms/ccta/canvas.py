"""Canvases for shapes: a voxel grid or free points."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.shapes import Shape, Union

__all__ = ["Canvas", "GridCanvas", "PointCanvas"]

Floats = npt.NDArray[np.float32]


class Canvas(Protocol):
    """A canvas for shapes."""

    def paint(self, shape: Shape, hu: float, soft: float, inflate: float = 0.0) -> None:
        """Blend ``hu`` into the inside of ``shape`` (inflated by mm), over an edge ``soft`` mm wide."""


def _weight(distance: Floats, soft: float, inflate: float) -> Floats:
    """1 inside, 0 outside, linear over ``soft`` mm."""
    w = distance * np.float32(-1 / soft)
    w += np.float32(0.5 + inflate / soft)
    return np.clip(w, 0, 1, out=w if w.flags.writeable else None)


class GridCanvas:
    """HU (float32, [z, y, x]) on a :class:`Grid`; each shape touches only its bounding box."""

    def __init__(self, grid: Grid, hu: float) -> None:
        self.hu = np.full(grid.shape, hu, np.float32)
        self._axes = grid.axes()

    def paint(self, shape: Shape, hu: float, soft: float, inflate: float = 0.0) -> None:
        """See :class:`Canvas`."""
        if isinstance(shape, Union):
            for member in shape.parts:
                self.paint(member, hu, soft, inflate)
            return
        low, high = shape.bounds()
        pad = inflate + soft
        cut = [
            slice(*np.searchsorted(axis, (low[i] - pad, high[i] + pad))) for i, axis in enumerate(self._axes)
        ]
        if any(s.start >= s.stop for s in cut):
            return
        x, y, z = (axis[s] for axis, s in zip(self._axes, cut, strict=True))
        d = shape.distance(x[None, None, :], y[None, :, None], z[:, None, None])
        part = self.hu[cut[2], cut[1], cut[0]]
        part += _weight(d, soft, inflate) * (np.float32(hu) - part)


class PointCanvas:
    """HU (float32, (N,)) at ``points`` (N, 3), xyz LPS mm."""

    def __init__(self, points: npt.NDArray, hu: float) -> None:
        self._x, self._y, self._z = np.ascontiguousarray(np.asarray(points, np.float32).T)
        self._box = [(float(a.min()), float(a.max())) for a in (self._x, self._y, self._z)]
        self.hu = np.full(len(points), hu, np.float32)

    def paint(self, shape: Shape, hu: float, soft: float, inflate: float = 0.0) -> None:
        """See :class:`Canvas`."""
        if isinstance(shape, Union):
            for member in shape.parts:
                self.paint(member, hu, soft, inflate)
            return
        low, high = shape.bounds()
        pad = inflate + soft
        inside = self._inside(low - pad, high + pad)
        if inside is None:
            return
        d = shape.distance(self._x[inside], self._y[inside], self._z[inside])
        part = self.hu[inside]
        self.hu[inside] = part + _weight(d, soft, inflate) * (np.float32(hu) - part)

    def _inside(self, low: npt.NDArray, high: npt.NDArray) -> npt.NDArray | slice | None:
        found: npt.NDArray | None = None
        for i, axis in enumerate((self._x, self._y, self._z)):
            least, most = self._box[i]
            if most < low[i] or least > high[i]:
                return None
            if least < low[i] or most > high[i]:
                hit = (axis >= low[i]) & (axis <= high[i])
                found = hit if found is None else found & hit
        if found is None:
            return slice(None)
        index = np.flatnonzero(found)
        return index if len(index) else None
