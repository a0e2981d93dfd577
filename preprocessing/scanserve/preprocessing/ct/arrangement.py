"""From slices in any order to one axis-aligned stack: order, spacing, origin, and what is wrong with it.

The patient frame is DICOM's LPS (x to the left, y to the posterior, z to the superior side).  The centre of
the pixel in row ``r`` and column ``c`` (both from 0) of a slice lies at
``position + row_direction * column_spacing * c + column_direction * row_spacing * r``
(PS3.3 C.7.6.2.1.1).  Stacks are reoriented by transposing and flipping only; nothing is resampled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["BLOCKING", "Stack", "arrange", "normal_of", "normal_positions"]

#: Slices closer than this along the normal are at one position: far below any slice spacing, above rounding.
SAME_POSITION_MM = 0.01
#: A position this near to the regular grid is on it: positions are often written with two decimals.
ON_GRID_MM = 0.02
#: A position off the grid by more than this fraction of the spacing cannot be taken for its grid place.
OFF_GRID_FRACTION = 0.25
#: A gap of this many spacings or more holds at least one missing slice.
GAP_STEPS = 1.5
#: Directions within this angle of a patient axis are along it: 0.1 degrees displace by 0.35 mm over 200 mm.
ALIGNED_DEGREES = 0.1
#: Direction cosines equal within this are the same orientation: files round them to about six decimals.
SAME_COSINE = 1e-3
#: Pixel spacings equal within this fraction are the same.
SAME_SPACING = 1e-3
#: In-plane drift of the slices beyond this many millimetres over the stack is a tilt, not rounding.
DRIFT_MM = 0.5
#: So few slices of another geometry are strays (a reference image among them), and more are a mixed series.
MAX_STRAYS = 3
#: Slices this much thinner than their spacing leave tissue between them unseen.
SLICE_GAP_RATIO = 1.5

#: Findings that keep a stack from being loaded, and what the reader should do is in their message.
BLOCKING = frozenset({
    "missing-slices", "uneven-spacing", "tilted", "shifted-slices", "mixed-geometry", "oblique",
    "truncated-file", "mixed-frames-of-reference",
})  # fmt: skip

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stack:
    """Slices in order, and the axis-aligned LPS grid that they make.

    Attributes:
        slices: one per position, in order along their normal.
        duplicates: ``(index into slices, other slice at the same position)``.
        strays: slices of another geometry, left out.
        transpose: axes of the raw array ``[slice, row, column]`` in the order ``[z, y, x]``.
        flips: which of ``(z, y, x)`` to reverse after transposing.
        shape: ``(z, y, x)``.
        spacing, origin: ``(x, y, z)``, mm, LPS.
        findings: what was noticed; those with a code in :data:`BLOCKING` forbid loading.
    """

    slices: tuple[Slice, ...]
    duplicates: tuple[tuple[int, Slice], ...]
    strays: tuple[Slice, ...]
    transpose: tuple[int, int, int]
    flips: tuple[bool, bool, bool]
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    step: float
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that forbid loading."""
        return tuple(finding for finding in self.findings if finding.code in BLOCKING)


def normal_of(orientation: Sequence[float]) -> FloatArray:
    """Unit normal ``(x, y, z)`` of a slice: row direction cross column direction."""
    normal = np.cross(orientation[:3], orientation[3:])
    length = np.linalg.norm(normal)
    return normal / length if length > 0 else np.array([0.0, 0.0, 1.0])


def normal_positions(slices: Sequence[Slice]) -> FloatArray:
    """Position of each slice along the normal of the first, mm, shape ``(len(slices),)``."""
    return np.array([one.position for one in slices]) @ normal_of(slices[0].orientation)


def arrange(slices: Sequence[Slice]) -> Stack:
    """Sort ``slices`` by position along their normal and describe the stack; never by instance number.

    Args:
        slices: at least one, in any order.
    """
    kept, strays, findings = _same_geometry(sorted(slices, key=_identity))
    ordered, duplicates = _unique_positions(kept)
    positions = normal_positions(ordered)
    step = _step(ordered, positions)
    findings += _spacing_findings(positions, step, ordered)
    findings += _drift_findings(ordered, positions)
    findings += _duplicate_findings(duplicates, positions)
    findings += _assumption_findings(ordered)
    findings += _truncated_findings(ordered)
    transpose, flips, aligned = _axes(ordered[0].orientation)
    if not aligned:
        findings.append(_oblique(ordered[0].orientation))
    return Stack(
        tuple(ordered), tuple(duplicates), tuple(strays), transpose, flips,
        *_grid(ordered, positions, step, transpose, flips), step, tuple(findings),
    )  # fmt: skip


def _same_geometry(slices: Sequence[Slice]) -> tuple[list[Slice], list[Slice], list[Finding]]:
    """The slices of the commonest geometry, the others, and a finding that names them."""
    keys = [(one.rows, one.columns, one.orientation, one.pixel_spacing) for one in slices]
    counts = Counter(keys)
    common = min(counts, key=lambda key: (-counts[key], key))
    alike = {key: _alike(key, common) for key in counts}
    kept = [one for one, key in zip(slices, keys, strict=True) if alike[key]]
    strays = [one for one, key in zip(slices, keys, strict=True) if not alike[key]]
    if not strays:
        return kept, strays, []
    where = _places([one.position[2] for one in strays])
    code = "stray-slices" if len(strays) <= MAX_STRAYS else "mixed-geometry"
    message = (
        f"{len(strays)} of {len(slices)} slices have another orientation, matrix or pixel spacing than "
        f"the others (at z = {where})."
    )
    return kept, strays, [Finding(code, message)]


def _alike(key: tuple, other: tuple) -> bool:
    return (
        key[:2] == other[:2]
        and np.allclose(key[2], other[2], rtol=0, atol=SAME_COSINE)
        and np.allclose(key[3], other[3], rtol=SAME_SPACING)
    )


def _unique_positions(slices: Sequence[Slice]) -> tuple[list[Slice], list[tuple[int, Slice]]]:
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


def _identity(one: Slice) -> str:
    return f"{one.sop_uid}/{one.frame:06d}/{one.file}"


def _step(slices: Sequence[Slice], positions: FloatArray) -> float:
    """Spacing of the slices along their normal, mm; of one slice its thickness."""
    if len(slices) < 2:
        return slices[0].thickness or 1.0
    gaps = np.diff(positions)
    median = float(np.median(gaps))
    regular = gaps[np.abs(gaps - median) < OFF_GRID_FRACTION * median]
    return float(regular.mean()) if regular.size else median


def _spacing_findings(positions: FloatArray, step: float, slices: Sequence[Slice]) -> list[Finding]:
    gaps = np.diff(positions) / step
    findings = []
    holes = np.flatnonzero(gaps >= GAP_STEPS)
    if holes.size:
        missing = int(np.rint(gaps[holes]).sum() - holes.size)
        findings.append(Finding("missing-slices", (
            f"{plural(max(missing, holes.size), 'slice')} missing in "
            f"{plural(int(holes.size), 'place', verb=False)} (after {_places(positions[holes])} along the "
            f"slice normal), where slices lie {step:.3f} mm apart."
        )))  # fmt: skip
    elif len(positions) > 2:
        findings += _uneven_findings(positions, step)
    thickness = slices[0].thickness
    if thickness and len(slices) > 1 and step > SLICE_GAP_RATIO * thickness:
        findings.append(Finding("slice-gaps", f"slices {thickness:g} mm thick lie {step:.3f} mm apart."))
    return findings


def _uneven_findings(positions: FloatArray, step: float) -> list[Finding]:
    index = np.arange(len(positions))
    slope, offset = np.polyfit(index, positions, 1)
    away = np.abs(positions - (slope * index + offset))
    off = np.flatnonzero(away > ON_GRID_MM)
    if not off.size:
        return []
    worst = float(away.max())
    code = "uneven-spacing" if worst > OFF_GRID_FRACTION * step else "slightly-uneven-spacing"
    return [Finding(code, (
        f"{off.size} of {len(positions)} slices are unevenly spaced, up to {worst:.3f} mm off a regular "
        f"grid of {step:.3f} mm (at {_places(positions[off])})."
    ))]  # fmt: skip


def _drift_findings(slices: Sequence[Slice], positions: FloatArray) -> list[Finding]:
    """Slices must move along their normal; a steady drift is a gantry tilt, a jump a shifted slice."""
    points = np.array([one.position for one in slices])
    along = positions - positions[0]
    drift = points - points[0] - along[:, None] * normal_of(slices[0].orientation)
    worst = float(np.linalg.norm(drift, axis=1).max())
    if worst <= DRIFT_MM:
        return []
    slope = drift[-1] / along[-1] if along[-1] else np.zeros(3)
    away = np.linalg.norm(drift - along[:, None] * slope, axis=1)
    if away.max() <= DRIFT_MM:
        degrees = float(np.degrees(np.arctan(np.linalg.norm(slope))))
        return [Finding("tilted", (
            f"the slices are tilted by {degrees:.1f} degrees (gantry tilt): they drift {worst:.1f} mm off "
            f"their normal over {along[-1]:.1f} mm."
        ))]  # fmt: skip
    typical = np.median(drift, axis=0)
    shifted = np.flatnonzero(np.linalg.norm(drift - typical, axis=1) > DRIFT_MM)
    return [Finding("shifted-slices", (
        f"{len(shifted)} of {len(slices)} slices are shifted in their plane by more than {DRIFT_MM:g} mm "
        f"(at {_places(positions[shifted])})."
    ))]  # fmt: skip


def _duplicate_findings(duplicates: Sequence[tuple[int, Slice]], positions: FloatArray) -> list[Finding]:
    if not duplicates:
        return []
    where = _places([positions[index] for index, _ in duplicates])
    return [Finding("duplicate-slices", (
        f"{plural(len(duplicates), 'slice')} at a place where another slice already is (at {where}); "
        "which one is used must not matter, as loading the phase checks."
    ))]  # fmt: skip


def _assumption_findings(slices: Sequence[Slice]) -> list[Finding]:
    assumed = Counter(name for one in slices for name in one.assumed)
    total = len(slices)
    findings = []
    if assumed["position"]:
        findings.append(Finding("position-z-only", (
            f"{assumed['position']} of {total} slices state only their z position; x and y are taken as "
            "centred on 0 mm."
        )))  # fmt: skip
    if assumed["orientation"]:
        findings.append(Finding("orientation-assumed", (
            f"{assumed['orientation']} of {total} slices do not state their orientation, which is "
            "taken as axial."
        )))  # fmt: skip
    return findings


def _truncated_findings(slices: Sequence[Slice]) -> list[Finding]:
    cut = sorted({one.file for one in slices if one.pixels.truncated})
    if not cut:
        return []
    return [Finding("truncated-file", f"{plural(len(cut), 'file')} truncated, the first of them {cut[0]!r}.")]


def _axes(
    orientation: Sequence[float],
) -> tuple[tuple[int, int, int], tuple[bool, bool, bool], bool]:
    """How ``[slice, row, column]`` becomes ``[z, y, x]``, and whether the axes lie along the patient's."""
    directions = np.array([normal_of(orientation), orientation[3:], orientation[:3]])
    main = np.argmax(np.abs(directions), axis=1)
    cosines = np.abs(directions)[range(3), main]
    aligned = len(set(main)) == 3 and bool((cosines >= np.cos(np.radians(ALIGNED_DEGREES))).all())
    if len(set(main)) != 3:
        return (0, 1, 2), (False, False, False), False
    source = {int(axis): raw for raw, axis in enumerate(main)}
    transpose = (source[2], source[1], source[0])
    flips = tuple(bool(directions[source[axis], axis] < 0) for axis in (2, 1, 0))
    return transpose, flips, aligned  # type: ignore[return-value]


def _grid(
    slices: Sequence[Slice],
    positions: FloatArray,
    step: float,
    transpose: tuple[int, int, int],
    flips: tuple[bool, bool, bool],
) -> tuple[tuple[int, int, int], tuple[float, float, float], tuple[float, float, float]]:
    """Shape ``(z, y, x)``, spacing and origin ``(x, y, z)`` of the reoriented stack."""
    first = slices[0]
    raw_shape = np.array([len(slices), first.rows, first.columns])
    raw_spacing = np.array([step, *first.pixel_spacing])
    directions = np.array([normal_of(first.orientation), first.orientation[3:], first.orientation[:3]])
    shape, spacing = raw_shape[list(transpose)], raw_spacing[list(transpose)]
    origin = np.array(first.position)
    for axis in range(3):
        if flips[axis]:
            origin = origin + directions[transpose[axis]] * spacing[axis] * (shape[axis] - 1)
    return tuple(shape.tolist()), tuple(spacing[::-1].tolist()), tuple(origin.tolist())


def _oblique(orientation: Sequence[float]) -> Finding:
    directions = np.array([normal_of(orientation), orientation[3:], orientation[:3]])
    cosines = np.clip(np.abs(directions).max(axis=1), 0, 1)
    degrees = float(np.degrees(np.arccos(cosines.min())))
    return Finding(
        "oblique",
        f"the slices lie {degrees:.1f} degrees off the patient's axes; axial, coronal and sagittal stacks "
        f"are read (up to {ALIGNED_DEGREES:g} degrees).",
    )


def _places(positions: Sequence[float] | FloatArray, most: int = 5) -> str:
    """Up to ``most`` positions in words, mm."""
    listed = ", ".join(f"{value:.2f}" for value in sorted(set(np.round(positions, 2)))[:most])
    more = len(set(np.round(positions, 2))) - most
    return f"{listed} mm" + (f" and {more} more" if more > 0 else "")
