"""Compares a result with a phantom's truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

__all__ = ["best_phase_regret", "covered", "main_path"]


def _phase(truth: dict[str, Any], vessel: str, percent: float) -> dict[str, Any]:
    found = next(v for v in truth["vessels"] if v["abbreviation"] == vessel)
    return next(p for p in found["phases"] if abs(p["percent"] - percent) < 0.5)


def main_path(truth: dict[str, Any], vessel: str, percent: float) -> npt.NDArray[np.float64]:
    """True main path of a vessel at a phase, (N, 3) mm, 0.5 mm apart, ostium first."""
    return np.asarray(_phase(truth, vessel, percent)["points_mm"][0])


def covered(truth: npt.NDArray, found: npt.NDArray, within_mm: float) -> float:
    """Share of the true points that have a found point within ``within_mm``."""
    if len(found) == 0:
        return 0.0
    distance, _ = cKDTree(found).query(truth)
    return float((distance <= within_mm).mean())


def best_phase_regret(truth: dict[str, Any], vessel: str, percent: float) -> float:
    """How much more (mm of motion) the chosen phase is blurred than the best one."""
    found = next(v for v in truth["vessels"] if v["abbreviation"] == vessel)
    blur = {p["percent"]: p["blur_mm"] for p in found["phases"]}
    chosen = min(blur, key=lambda p: abs(p - percent))
    return blur[chosen] - min(blur.values())
