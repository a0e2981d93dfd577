"""The order in which every figure shows the phases."""

from __future__ import annotations

import math

from scanserve.client.ccta.result import PhaseInfo, Result

__all__ = ["sorted_phases"]


def sorted_phases(result: Result) -> list[PhaseInfo]:
    """The phases by their place in the R-R interval; those without a place last, in the study's order."""
    return sorted(result.study.phases, key=_place)


def _place(phase: PhaseInfo) -> float:
    return math.inf if phase.percent is None else phase.percent
