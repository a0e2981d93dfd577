"""The result of one run, as it is written to ``result.json``.

Positions and lengths are millimetres in the LPS patient frame, ``(x, y, z)``; times are seconds; qualities
run from 0 (worst) to 1 (best); sections count from the ostium.  ``schema_version`` follows semantic
versioning: a new optional field raises the minor number, anything that breaks a reader raises the major one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, get_args

from pydantic import Field

from scanserve.client.ccta.ranking import Confidence
from scanserve.client.ccta.travel import NEAR_PERCENT, SPAN_PERCENT
from scanserve.client.runs.records import (
    Finding,
    Model,
    Record,
    ResultRecord,
    Server,
    Skipped,
    TimeSpan,
    Timing,
)
from scanserve.contracts.ccta import RESULT_KIND as KIND
from scanserve.contracts.ccta import RESULT_VERSION as SCHEMA_VERSION
from scanserve.contracts.ccta import ResultKind, ResultVersion

__all__ = [
    "KIND",
    "READABLE_VERSIONS",
    "SCHEMA_VERSION",
    "BestOfPhases",
    "Branch",
    "Finding",
    "LeftOut",
    "Model",
    "PhaseInfo",
    "Quality",
    "RankedPhase",
    "Ranking",
    "Result",
    "Section",
    "SectionSource",
    "Server",
    "Skipped",
    "StudyInfo",
    "TimeSpan",
    "Timing",
    "Tree",
    "VesselPhase",
    "VesselResult",
]

#: Versions that :class:`Result` reads.
READABLE_VERSIONS: tuple[str, ...] = get_args(ResultVersion)

Point = tuple[float, float, float]
Unit = Annotated[float, Field(ge=0, le=1)]


class PhaseInfo(Record):
    """One cardiac phase and how it was found."""

    label: str
    percent: float | None = Field(description="percent of the R-R interval")
    trigger_ms: float | None = Field(description="milliseconds after the R peak")
    explanation: str = Field(description="which tags made these files one phase")
    series_instance_uid: str
    files: int
    shape: tuple[int, int, int] = Field(description="voxels, [z, y, x]")
    spacing_mm: Point = Field(description="(x, y, z)")
    findings: list[Finding] = Field(description="what was noticed about its slices")
    ineligible: list[Finding] = Field(description="why it should not be analysed; empty when it is eligible")


class LeftOut(Record):
    """A stack of slices that was found and not analysed; series are named by number alone."""

    phase: str = Field(description="its phase; its series where no phase is known")
    phase_lost: bool = Field(description="whether nothing of its phase is analysed")
    series_number: int | None
    kind: str = Field(description="what it is: angiography, calcium scoring, projection or rendering ...")
    original: bool = Field(description="whether it was reconstructed from the scan, not from other slices")
    slices: int
    files: int
    spacing_mm: float = Field(description="between its slices")
    kernel: str
    reasons: list[Finding]


class StudyInfo(Record):
    """The study as it was read."""

    study_instance_uid: str
    files: int
    phases: list[PhaseInfo]
    skipped: list[Skipped]
    left_out: list[LeftOut] = Field(
        default_factory=list, description="stacks of slices that were found and not analysed (since 1.3)"
    )
    only_series: list[str] = Field(
        default_factory=list, description="series that the user asked for; empty for all (since 1.3)"
    )
    without_series: list[str] = Field(
        default_factory=list, description="series that the user did not want (since 1.3)"
    )
    warnings: list[Finding]
    eligible: bool
    override: str | None = Field(description="the reason given for analysing an ineligible study")


class Branch(Record):
    """A side branch, as indices of the tree's points."""

    points: list[int] = Field(description="from the point it leaves to its end")
    parent: int = Field(description="number of the branch it leaves, -1 for the main path")
    length_mm: float


class Tree(Record):
    """A rooted centerline tree; ``parent`` is -1 at the ostium."""

    points_mm: list[Point] = Field(description="LPS, (x, y, z)")
    radii_mm: list[float | None] = Field(description="null where it could not be measured")
    parent: list[int]
    main_path: list[int] = Field(description="indices of points, ostium to distal end")
    branches: list[Branch]


class Section(Record):
    """One section of the straightened vessel; class and quality are null beyond its end."""

    start_mm: float
    end_mm: float
    quality_class: str | None
    quality: Unit | None


class Quality(Record):
    """What the quality network said of one straightened vessel."""

    quality: Unit = Field(description="class probabilities times class weights")
    grade: int = Field(description="1 (non-diagnostic) to 4 (excellent)")
    quality_class: str
    class_probabilities: dict[str, Unit] = Field(description="worst to best")
    ranking: float = Field(description="higher is better; comparable within one vessel of one study")
    sections: list[Section]


class VesselPhase(Record):
    """One vessel in one phase; ``tree`` and ``quality`` are null when it was not found, with the reason."""

    phase: str
    presence: float = Field(description="how surely the vessel was seen, 0 to 1")
    found: bool
    reason: Finding | None
    length_mm: float | None = Field(description="length of the main path")
    scored_length_mm: float | None = Field(description="length that was scored; see common_length_mm")
    tree: Tree | None
    travel_mm: float | None = Field(
        default=None,
        description=f"how far the main path moves in {SPAN_PERCENT:g} % of the R-R interval, to the neighbouring "
        "phases' main paths; the mean of both sides or of the one that is known, null without a neighbour within "
        f"{NEAR_PERCENT:g} % (since 1.1)",
    )
    quality: Quality | None


class RankedPhase(Record):
    """A phase in its place; tied phases share a position; without a score it ranks last."""

    phase: str
    position: int
    score: float | None
    note: str


class Ranking(Record):
    """Phases from best to worst."""

    best: str | None
    order: list[RankedPhase]
    near_ties: list[str] = Field(description="phases nearly or exactly tied with the best")
    confidence: Confidence = Field(description="how sure the first place is")
    explanation: str


class SectionSource(Record):
    """Which phase one section of the best-of-phases image came from."""

    start_mm: float
    end_mm: float
    phase: str
    quality: Unit


class BestOfPhases(Record):
    """The phase of a vessel that ranks first, with parts of others where these are better by half a class."""

    length_mm: float
    switches: int
    sections: list[SectionSource]


class VesselResult(Record):
    """One vessel over all phases."""

    vessel: str
    name: str
    snomed: str
    scct_segments: list[int]
    found: bool
    reason: Finding | None = Field(description="why it was found in no phase")
    common_length_mm: float | None = Field(description="length scored in every phase that reaches it")
    ranking: Ranking
    best_of_phases: BestOfPhases | None
    phases: list[VesselPhase]


class Result(ResultRecord):
    """Everything one run found."""

    kind: ResultKind = KIND
    schema_version: ResultVersion = SCHEMA_VERSION
    scanserve_version: str
    created: datetime
    study: StudyInfo
    warnings: list[Finding]
    overall: Ranking
    vessels: list[VesselResult]
    server: Server
    models: list[Model]
    timing: Timing

    def vessel(self, abbreviation: str) -> VesselResult:
        """The vessel called ``abbreviation``; raises ``KeyError``."""
        return {vessel.vessel: vessel for vessel in self.vessels}[abbreviation]
