"""What the result of every application has: findings, files not used, server, models, timing.

Times are seconds.  An application's own ``result.py`` adds what it found.  Findings and skipped files are the
readers' own (:mod:`scanserve.preprocessing.findings`).
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from scanserve.client.runs.timing import Stopwatch
from scanserve.preprocessing.acceptance import Judgement, Verdict, verdict_of
from scanserve.preprocessing.findings import Finding, Skipped

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "Finding",
    "Judgement",
    "Model",
    "Record",
    "ResultRecord",
    "Server",
    "Skipped",
    "TimeSpan",
    "Timing",
    "own_version",
    "timing_of",
]


class Record(BaseModel):
    """A part of a result: frozen, and without unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(Record):
    """A served model: the sha256 of its file where the repository is at hand, else what the server said."""

    name: str
    kind: str
    version: str
    sha256: str | None
    source: Literal["repository", "server"]
    trained_on: str | None = Field(
        default=None,
        description="what a network was trained on, as the server states it; null where it states nothing, and in "
        "early layouts",
    )


class Server(Record):
    """The inference server that answered."""

    name: str
    version: str
    embedded: bool


def _whole_if_null(part: Any) -> Any:
    """Read the null of the first layouts as the whole run."""
    return "" if part is None else part


class TimeSpan(Record):
    """One piece of work, in seconds from the start of the run; spans of different threads overlap.

    The first layouts call ``part`` ``phase``; they are still read.
    """

    stage: str
    part: Annotated[str, BeforeValidator(_whole_if_null)] = Field(
        validation_alias=AliasChoices("part", "phase"),
        description="the part of the study that was worked on; empty for the whole run",
    )
    start_s: float
    duration_s: float


class Timing(Record):
    """The timeline of the run, until the result was written."""

    total_s: float
    spans: list[TimeSpan]


class ResultRecord(Record):
    """The whole result of one run; an application adds its fields, among them ``timing``."""

    notice: str = Field(description="what the software is not, and what the networks were trained on")
    findings: list[Judgement] = Field(
        default_factory=list,
        description="the acceptance rules and what became of each; empty in early layouts",
    )
    deidentification: list[str] = Field(
        default_factory=list,
        description="profile and options of PS3.15 that the outputs follow; empty where they name their study",
    )

    @property
    def verdict(self) -> Verdict:
        """What follows from the acceptance rules."""
        return verdict_of(self.findings)

    def timed(self, timing: Timing) -> Self:
        """The same result with another timing."""
        return self.model_copy(update={"timing": timing})

    def to_json(self) -> str:
        """The text of ``result.json``."""
        return self.model_dump_json(indent=1) + "\n"


def timing_of(stopwatch: Stopwatch) -> Timing:
    """The timeline until now."""
    spans = [
        TimeSpan(
            stage=span.stage,
            part=span.part,
            start_s=round(span.start_s, 4),
            duration_s=round(span.duration_s, 4),
        )
        for span in stopwatch.spans()
    ]
    return Timing(total_s=round(stopwatch.elapsed_s, 4), spans=spans)


def own_version() -> str:
    """The version of scanserve, or ``unknown`` where it is not installed."""
    try:
        return version("scanserve")
    except PackageNotFoundError:
        return "unknown"
