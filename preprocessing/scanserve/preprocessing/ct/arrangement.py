"""From slices in any order to one axis-aligned stack: order, spacing and origin.

The patient frame is DICOM's LPS (x to the left, y to the posterior, z to the superior side).  The centre of
the pixel in row ``r`` and column ``c`` (both from 0) of a slice lies at
``position + row_direction * column_spacing * c + column_direction * row_spacing * r``
(PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.axes import Axes, directions_of
from scanserve.preprocessing.ct.regularity import OFF_GRID_FRACTION, findings_on
from scanserve.preprocessing.ct.slices import Slice, normal_positions
from scanserve.preprocessing.ct.stack import Stack
from scanserve.preprocessing.dicom import Orientation

__all__ = ["SAME_POSITION_MM", "alike_layouts", "arrange"]

#: Slices closer than this along the normal are at one position: far below any slice spacing, above rounding.
SAME_POSITION_MM = 0.01
#: Direction cosines equal within this are the same orientation: files round them to about six decimals.
SAME_COSINE = 1e-3
#: Pixel spacings equal within this fraction are the same.
SAME_SPACING = 1e-3

#: What slices of one stack share: rows, columns, orientation, pixel spacing.
PlaneLayout = tuple[int, int, Orientation, tuple[float, float]]


def arrange(slices: Sequence[Slice]) -> Stack:
    """Sort ``slices`` by position along their normal and describe the stack; never by instance number.

    Args:
        slices: at least one, in any order.
    """
    kept, strays = _same_layout(sorted(slices, key=_identity))
    ordered, duplicates = _unique_positions(kept)
    step = _step(ordered)
    axes = Axes.from_orientation(ordered[0].orientation)
    shape, spacing, origin = _grid(ordered, step, axes)
    stack = Stack(
        slices=tuple(ordered),
        duplicates=tuple(duplicates),
        strays=tuple(strays),
        step=step,
        axes=axes,
        shape=shape,
        spacing=spacing,
        origin=origin,
    )
    return replace(stack, findings=findings_on(stack))


def alike_layouts(slices: Sequence[Slice]) -> list[list[Slice]]:
    """The slices of each plane layout (rows, columns, orientation, pixel spacing), the commonest first."""
    counts = Counter(map(_layout, slices))
    left = sorted(counts, key=lambda layout: (-counts[layout], layout))
    group_of: dict[PlaneLayout, int] = {}
    while left:
        alike = {layout for layout in left if _alike(layout, left[0])}
        group_of |= dict.fromkeys(alike, len(set(group_of.values())))
        left = [layout for layout in left if layout not in alike]
    groups: list[list[Slice]] = [[] for _ in set(group_of.values())]
    for image in slices:
        groups[group_of[_layout(image)]].append(image)
    return groups


def _identity(image: Slice) -> str:
    return f"{image.frame.sop_uid}/{image.frame.index:06d}/{image.file}"


def _same_layout(slices: Sequence[Slice]) -> tuple[list[Slice], list[Slice]]:
    """The slices of the commonest plane layout, and the others."""
    layouts = [_layout(image) for image in slices]
    counts = Counter(layouts)
    common = min(counts, key=lambda layout: (-counts[layout], layout))
    alike = {layout: _alike(layout, common) for layout in counts}
    kept = [image for image, layout in zip(slices, layouts, strict=True) if alike[layout]]
    strays = [image for image, layout in zip(slices, layouts, strict=True) if not alike[layout]]
    return kept, strays


def _layout(image: Slice) -> PlaneLayout:
    return image.frame.rows, image.frame.columns, image.orientation, image.pixel_spacing


def _alike(layout: PlaneLayout, other: PlaneLayout) -> bool:
    return (
        layout[:2] == other[:2]
        and np.allclose(layout[2], other[2], rtol=0, atol=SAME_COSINE)
        and np.allclose(layout[3], other[3], rtol=SAME_SPACING)
    )


def _unique_positions(slices: Sequence[Slice]) -> tuple[list[Slice], list[tuple[int, Slice]]]:
    """One slice per position, in order, and the others with the index of the one that they lie on."""
    positions = normal_positions(slices)
    order = np.argsort(positions, kind="stable")  # slices come sorted by identity, which settles ties
    ordered: list[Slice] = []
    duplicates: list[tuple[int, Slice]] = []
    last = -np.inf
    for index in order:
        if positions[index] - last < SAME_POSITION_MM:
            duplicates.append((len(ordered) - 1, slices[index]))
        else:
            ordered.append(slices[index])
            last = positions[index]
    return ordered, duplicates


def _step(slices: Sequence[Slice]) -> float:
    """Spacing of the slices along their normal, mm; of one slice its thickness."""
    if len(slices) < 2:
        return slices[0].thickness or 1.0
    gaps = np.diff(normal_positions(slices))
    median = float(np.median(gaps))
    regular = gaps[np.abs(gaps - median) < OFF_GRID_FRACTION * median]
    return float(regular.mean()) if regular.size else median


def _grid(
    slices: Sequence[Slice], step: float, axes: Axes
) -> tuple[tuple[int, int, int], tuple[float, float, float], tuple[float, float, float]]:
    """Shape ``(z, y, x)``, spacing and origin ``(x, y, z)`` of the reoriented stack."""
    first = slices[0]
    order = list(axes.transpose)
    shape = np.array([len(slices), first.frame.rows, first.frame.columns])[order]
    spacing = np.array([step, *first.pixel_spacing])[order]
    directions = directions_of(first.orientation)[order]
    origin: npt.NDArray[np.float64] = np.array(first.position)
    for axis in range(3):
        if axes.flips[axis]:
            origin = origin + directions[axis] * spacing[axis] * (shape[axis] - 1)
    return tuple(shape.tolist()), tuple(spacing[::-1].tolist()), tuple(origin.tolist())
