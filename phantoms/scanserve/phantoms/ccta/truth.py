"""The exact truth of a phantom study, as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.contracts.ccta import SECTION_MM, SECTIONS, TRUTH_VERSION
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.anatomy import Anatomy, blur_mm, blur_profile
from scanserve.phantoms.ccta.coronaries import STEP, Artery, ArteryBranch

__all__ = ["overall_order", "section_blur", "study_truth", "vessel_order"]


def section_blur(anatomy: Anatomy, vessel: str, percent: float) -> list[float | None]:
    """Mean blur (mm) of each of the 20 sections of 8 mm from the ostium; None beyond the end of the vessel."""
    profile = blur_profile(anatomy, vessel, percent)
    per = round(SECTION_MM / STEP)
    parts = [profile[i * per : (i + 1) * per] for i in range(SECTIONS)]
    return [round(float(part.mean()), 3) if len(part) else None for part in parts]


def vessel_order(anatomy: Anatomy, vessel: str, percents: list[float]) -> list[float]:
    """Phases sorted by mean blur of one vessel, least first."""
    return sorted(percents, key=lambda p: blur_mm(anatomy, vessel, p))


def overall_order(anatomy: Anatomy, percents: list[float]) -> list[float]:
    """Phases sorted by blur averaged over the three vessels, least first."""
    names = [vessel.abbreviation for vessel in anatomy.vessels]
    return sorted(percents, key=lambda p: sum(blur_mm(anatomy, name, p) for name in names))


def _rounded(values: npt.NDArray) -> Any:
    return np.round(np.asarray(values, float), 2).tolist()


def _placement(grid: Grid) -> dict[str, Any]:
    return {
        "shape_zyx": grid.shape,
        "origin_xyz_mm": grid.origin.tolist(),
        "spacing_xyz_mm": grid.spacing.tolist(),
    }


def _branch(branch: ArteryBranch) -> dict[str, Any]:
    return {
        "name": branch.name,
        "main": branch.main,
        "parent": branch.parent,
        "joint": branch.joint,
        "radii_mm": _rounded(branch.radii),
    }


def _phase(anatomy: Anatomy, vessel: Artery, percent: float) -> dict[str, Any]:
    name = vessel.abbreviation
    return {
        "percent": percent,
        "blur_mm": round(blur_mm(anatomy, name, percent), 3),
        "section_blur_mm": section_blur(anatomy, name, percent),
        "points_mm": [_rounded(branch.points) for branch in vessel.at(percent)],
    }


def _vessel(anatomy: Anatomy, vessel: Artery, percents: list[float]) -> dict[str, Any]:
    return {
        "abbreviation": vessel.abbreviation,
        "ostium_mm": _rounded(vessel.at(0.0)[0].points[0]),
        "branches": [_branch(branch) for branch in vessel.branches],
        "phases": [_phase(anatomy, vessel, percent) for percent in percents],
        "order": vessel_order(anatomy, vessel.abbreviation, percents),
        "lesions": _lesions(vessel),
    }


def _lesions(vessel: Artery) -> list[dict[str, Any]]:
    """Plaque and stents of the main path, each with its range of points (0.5 mm apart)."""
    last = len(vessel.branches[0].points) - 1
    found = [
        ("calcified", c.index - c.length / STEP, c.index + c.length / STEP) for c in vessel.calcifications
    ]
    found += [("soft", s.first, s.first + len(s.points) - 1) for s in vessel.soft]
    found += [("stent", s.first, s.first + s.count - 1) for s in vessel.stents]
    return [{"kind": k, "points": [max(round(a), 0), min(round(b), last)]} for k, a, b in found]


def study_truth(anatomy: Anatomy, percents: list[float], grid: Grid) -> dict[str, Any]:
    """The truth of a study.

    Points are LPS millimetres (x, y, z), 0.5 mm apart at 0 % of R-R; branch 0 is the main path from the
    ostium; ``ostium_mm`` is its first point at 0 %.  Between slabs from different beats, points step as the image does.
    ``order`` lists phases from least to most blur.  ``heart`` is the same in all studies of one heart.
    """
    return {
        "version": TRUTH_VERSION,
        "notice": NOT_FOR_DIAGNOSIS,
        "seed": anatomy.seed,
        "ranges": anatomy.ranges.name,
        "dominance": anatomy.dominance,
        "background": "phantom" if anatomy.host is None else "real CT",
        "heart": anatomy.heart,
        "frame": "LPS mm, (x, y, z)",
        "grid": _placement(grid),
        "rr_ms": round(anatomy.rr_ms, 2),
        "window_ms": round(anatomy.window_ms, 2),
        "percents": percents,
        "vessels": [_vessel(anatomy, vessel, percents) for vessel in anatomy.vessels],
        "order": overall_order(anatomy, percents),
    }
