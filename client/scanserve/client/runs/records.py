"""What the result of every application has: findings, files not used, server, models, timing.

Times are seconds.  An application's own ``result.py`` adds what it found.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from pydantic import BaseModel, ConfigDict

from scanserve.client.runs.timing import Stopwatch
from scanserve.preprocessing import findings as noticed

__all__ = [
    "Finding",
    "Model",
    "Record",
    "Server",
    "Skipped",
    "TimeSpan",
    "Timing",
    "findings_of",
    "own_version",
    "skipped_of",
    "timing_of",
]


class Record(BaseModel):
    """A part of a result: frozen, and without unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(Record):
    """Something noteworthy, with a stable code."""

    code: str
    message: str


class Skipped(Record):
    """Files of the study that are not part of any phase, and why: counted, never named."""

    code: str
    message: str
    files: int


class Model(Record):
    """A served model: the sha256 of its file where the repository is at hand, else what the server said."""

    name: str
    kind: str
    version: str
    sha256: str | None
    source: Literal["repository", "server"]


class Server(Record):
    """The inference server that answered."""

    name: str
    version: str
    embedded: bool


class TimeSpan(Record):
    """One piece of work, in seconds from the start of the run; spans of different threads overlap."""

    stage: str
    phase: str | None
    start_s: float
    duration_s: float


class Timing(Record):
    """The waterfall of where the time went, until the result was written."""

    total_s: float
    spans: list[TimeSpan]


def findings_of(found: Iterable[noticed.Finding | Finding]) -> list[Finding]:
    """What the readers noticed, as a result says it."""
    return [Finding(code=one.code, message=one.message) for one in found]


def skipped_of(groups: Iterable[noticed.Skipped]) -> list[Skipped]:
    """The files that were not used, as a result says it: counted, never named."""
    return [Skipped(code=group.code, message=group.message, files=group.count) for group in groups]


def timing_of(stopwatch: Stopwatch) -> Timing:
    """The waterfall so far."""
    spans = [
        TimeSpan(
            stage=span.stage,
            phase=span.phase,
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
