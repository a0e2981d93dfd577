"""The layout of ``truth.json``, the truth of a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field, model_validator

from scanserve.contracts import InputError
from scanserve.contracts.ccta import TRUTH_VERSION
from scanserve.evaluation.records import TruthRecord, validated
from scanserve.evaluation.studies import read_object
from scanserve.geometry.types import Array

__all__ = ["TrueBranch", "TruePhase", "TrueVessel", "Truth", "read_truth"]

Point = tuple[float, float, float]


class TrueBranch(TruthRecord):
    """A branch, the same in all phases, with its radius (mm) at every point."""

    name: str
    radii_mm: list[float] = Field(min_length=2)


class TruePhase(TruthRecord):
    """A vessel in one phase: its motion blur (mm), as a whole and by section, and its branches.

    ``points_mm`` holds the (x, y, z) LPS mm of each branch from its start to its end, the main path first.
    """

    percent: float
    blur_mm: float
    section_blur_mm: list[float | None]
    points_mm: list[list[Point]] = Field(min_length=1)

    def branches(self) -> list[Array]:
        """The points of the branches, (N_b, 3) mm each, the main path first."""
        return [np.asarray(points, np.float64) for points in self.points_mm]


class TrueVessel(TruthRecord):
    """One vessel over all phases."""

    abbreviation: str
    branches: list[TrueBranch] = Field(min_length=1)
    phases: list[TruePhase]

    @model_validator(mode="after")
    def _one_radius_per_point(self) -> TrueVessel:
        wanted = [len(branch.radii_mm) for branch in self.branches]
        for phase in self.phases:
            if [len(points) for points in phase.points_mm] != wanted:
                raise ValueError(f"{self.abbreviation} at {phase.percent:g} % must have a point per radius")
        return self

    def radii(self) -> Array:
        """The radii (N,) mm along the main path."""
        return np.asarray(self.branches[0].radii_mm, np.float64)

    def blur(self) -> Array:
        """The motion blur (P,) mm in every phase."""
        return np.array([phase.blur_mm for phase in self.phases])


class Truth(TruthRecord):
    """The truth of a study; ``heart`` is the same in all studies of one heart, None where the truth does not say."""

    heart: str | None = None
    percents: list[float] = Field(min_length=1)
    vessels: list[TrueVessel] = Field(min_length=1)

    @model_validator(mode="after")
    def _all_phases_of_all_vessels(self) -> Truth:
        for vessel in self.vessels:
            if [phase.percent for phase in vessel.phases] != self.percents:
                raise ValueError(f"{vessel.abbreviation} must have the phases {self.percents}")
        return self

    def overall_blur(self) -> Array:
        """The motion blur (P,) mm in every phase, averaged over the vessels."""
        return np.mean([vessel.blur() for vessel in self.vessels], axis=0)


def read_truth(path: Path) -> Truth:
    """Read a truth.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth`` or ``truth-version``.
    """
    content = read_object(path, "not-a-truth")
    if "version" not in content or "vessels" not in content:
        raise InputError("not-a-truth", f"{path} must be the truth of a study but has no version or vessels.")
    if content["version"] != TRUTH_VERSION:
        raise InputError(
            "truth-version", f"{path} must have version {TRUTH_VERSION} but has {content['version']!r}."
        )
    return validated(content, Truth, path, "truth", "not-a-truth")
