"""Whether slices make a regular stack: what is wrong with it, and where, as findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanserve.contracts.printable import printable
from scanserve.preprocessing.ct.axes import ALIGNED_DEGREES, degrees_off_axes
from scanserve.preprocessing.ct.slices import Slice, normal_of, normal_positions
from scanserve.preprocessing.ct.stack import Stack
from scanserve.preprocessing.ct.units import unit_findings
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["MAX_STRAYS", "OFF_GRID_FRACTION", "findings_on"]

#: A position this near to the regular grid is on it: positions are often written with two decimals.
ON_GRID_MM = 0.02
#: A position off the grid by more than this fraction of the spacing cannot be taken for its grid place.
OFF_GRID_FRACTION = 0.25
#: A gap of this many spacings or more holds at least one missing slice.
GAP_STEPS = 1.5
#: In-plane drift of the slices beyond this many millimetres over the stack is a tilt, not rounding.
DRIFT_MM = 0.5
#: So few slices of another plane layout are strays (a reference image among them), and more are a mixed series.
MAX_STRAYS = 3
#: Slices this much thinner than their spacing leave tissue between them unseen.
SLICE_GAP_RATIO = 1.5

FloatArray = npt.NDArray[np.float64]


def findings_on(stack: Stack) -> tuple[Finding, ...]:
    """All that is to be said about a stack, in a fixed order; its own ``findings`` are not looked at."""
    slices, positions = stack.slices, normal_positions(stack.slices)
    return (
        *_strays(stack),
        *(_missing(positions, stack.step) or _uneven(positions, stack.step)),
        *_slice_gaps(slices, stack.step),
        *_drift(slices, positions),
        *_duplicates(stack, positions),
        *_assumptions(slices),
        *_truncated(slices),
        *_oblique(stack),
        *unit_findings([*slices, *(image for _, image in stack.duplicates)]),
    )


def _strays(stack: Stack) -> list[Finding]:
    if not stack.strays:
        return []
    total = len(stack.slices) + len(stack.duplicates) + len(stack.strays)
    where = _places([image.position[2] for image in stack.strays])
    code = "stray-slices" if len(stack.strays) <= MAX_STRAYS else "mixed-geometry"
    message = (
        f"{len(stack.strays)} of {total} slices have another orientation, matrix or pixel spacing than "
        f"the others (at z = {where})."
    )
    return [Finding(code, message)]


def _missing(positions: FloatArray, step: float) -> list[Finding]:
    gaps = np.diff(positions) / step
    holes = np.flatnonzero(gaps >= GAP_STEPS)
    if not holes.size:
        return []
    missing = int(np.rint(gaps[holes]).sum() - holes.size)
    message = (
        f"{plural(max(missing, holes.size), 'slice')} missing in "
        f"{plural(int(holes.size), 'place', verb=False)} (after {_places(positions[holes])} along the "
        f"slice normal), where slices lie {step:.3f} mm apart."
    )
    return [Finding("missing-slices", message)]


def _uneven(positions: FloatArray, step: float) -> list[Finding]:
    if len(positions) < 3:
        return []
    index = np.arange(len(positions))
    slope, offset = np.polyfit(index, positions, 1)
    away = np.abs(positions - (slope * index + offset))
    off = np.flatnonzero(away > ON_GRID_MM)
    if not off.size:
        return []
    worst = float(away.max())
    code = "uneven-spacing" if worst > OFF_GRID_FRACTION * step else "slightly-uneven-spacing"
    message = (
        f"{off.size} of {len(positions)} slices are unevenly spaced, up to {worst:.3f} mm off a regular "
        f"grid of {step:.3f} mm (at {_places(positions[off])})."
    )
    return [Finding(code, message)]


def _slice_gaps(slices: Sequence[Slice], step: float) -> list[Finding]:
    thickness = slices[0].thickness
    if not thickness or len(slices) < 2 or step <= SLICE_GAP_RATIO * thickness:
        return []
    return [Finding("slice-gaps", f"slices {thickness:g} mm thick lie {step:.3f} mm apart.")]


def _drift(slices: Sequence[Slice], positions: FloatArray) -> list[Finding]:
    """Slices must move along their normal; a steady drift is a gantry tilt, a jump a shifted slice."""
    points = np.array([image.position for image in slices])
    along = positions - positions[0]
    drift = points - points[0] - along[:, None] * normal_of(slices[0].orientation)
    worst = float(np.linalg.norm(drift, axis=1).max())
    if worst <= DRIFT_MM:
        return []
    slope = drift[-1] / along[-1] if along[-1] else np.zeros(3)
    away = np.linalg.norm(drift - along[:, None] * slope, axis=1)
    if away.max() > DRIFT_MM:
        return [_shifted(drift, positions)]
    degrees = float(np.degrees(np.arctan(np.linalg.norm(slope))))
    message = (
        f"the slices are tilted by {degrees:.1f} degrees (gantry tilt): they drift {worst:.1f} mm off "
        f"their normal over {along[-1]:.1f} mm."
    )
    return [Finding("tilted", message)]


def _shifted(drift: FloatArray, positions: FloatArray) -> Finding:
    typical = np.median(drift, axis=0)
    shifted = np.flatnonzero(np.linalg.norm(drift - typical, axis=1) > DRIFT_MM)
    message = (
        f"{len(shifted)} of {len(positions)} slices are shifted in their plane by more than {DRIFT_MM:g} mm "
        f"(at {_places(positions[shifted])})."
    )
    return Finding("shifted-slices", message)


def _duplicates(stack: Stack, positions: FloatArray) -> list[Finding]:
    if not stack.duplicates:
        return []
    where = _places([positions[index] for index, _ in stack.duplicates])
    message = (
        f"{plural(len(stack.duplicates), 'slice')} at a place where another slice already is (at {where}); "
        "which one is used must not matter, as loading the phase checks."
    )
    return [Finding("duplicate-slices", message)]


def _assumptions(slices: Sequence[Slice]) -> list[Finding]:
    assumed = Counter(name for image in slices for name in image.assumed)
    total = len(slices)
    findings = []
    if assumed["position"]:
        message = (
            f"{assumed['position']} of {total} slices state only their z position; x and y are taken as "
            "centred on 0 mm."
        )
        findings.append(Finding("position-z-only", message))
    if assumed["orientation"]:
        message = (
            f"{assumed['orientation']} of {total} slices do not state their orientation, which is "
            "taken as axial."
        )
        findings.append(Finding("orientation-assumed", message))
    return findings


def _truncated(slices: Sequence[Slice]) -> list[Finding]:
    cut = sorted({image.file for image in slices if image.frame.pixel_format.truncated})
    if not cut:
        return []
    return [
        Finding(
            "truncated-file",
            f"{plural(len(cut), 'file')} truncated, the first of them '{printable(cut[0])}'.",
        )
    ]


def _oblique(stack: Stack) -> list[Finding]:
    if stack.axes.aligned:
        return []
    degrees = degrees_off_axes(stack.slices[0].orientation)
    message = (
        f"the slices lie {degrees:.1f} degrees off the patient's axes; axial, coronal and sagittal stacks "
        f"are read (up to {ALIGNED_DEGREES:g} degrees)."
    )
    return [Finding("oblique", message)]


def _places(positions: Sequence[float] | FloatArray, most: int = 5) -> str:
    """Up to ``most`` positions in words, mm."""
    distinct = sorted(set(np.round(positions, 2)))
    listed = ", ".join(f"{value:.2f}" for value in distinct[:most])
    more = len(distinct) - most
    return f"{listed} mm" + (f" and {more} more" if more > 0 else "")
