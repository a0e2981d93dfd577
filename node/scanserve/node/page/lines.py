"""The lines of the page: the queue in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scanserve.contracts import APPLICATIONS
from scanserve.node.estimate import Estimate
from scanserve.node.queue import states
from scanserve.node.queue.view import Row
from scanserve.node.reasons import entry_of

__all__ = ["Line", "duration", "line_of", "summary"]

_TITLES = {application.name: application.title for application in APPLICATIONS}
#: State to what it is called, where that is not its name.
_LABELS = {states.RUNNING: "analysing", states.RETURNING: "returning", states.RECEIVING: "receiving"}
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


@dataclass(frozen=True)
class Line:
    """One line: texts, and what can be done.

    Attributes:
        key: identifies the line between two looks.
        percent: how far an analysis is, or None.
        reason, remedy: what the catalogue says about the code.
    """

    key: str
    study: int
    job: int
    title: str
    state: str
    label: str
    detail: str
    percent: int | None
    instances: int
    caller: str
    received: str
    code: str
    reason: str
    remedy: str
    has_report: bool
    can_retry: bool
    can_cancel: bool
    name: str = ""
    application: str = ""


def line_of(row: Row, estimate: Estimate, now_s: float, name: str = "") -> Line:
    """The line of one row.

    Args:
        row: of the queue.
        estimate: of the job.
        now_s: the node's seconds.
        name: the patient's, where the configuration shows it.
    """
    entry = entry_of(row.code) if row.code else None
    return Line(
        key=f"{row.study}-{row.job}",
        study=row.study,
        job=row.job,
        title=_TITLES.get(row.application, "No application" if row.job else "Not yet known"),
        state=row.state,
        label=_LABELS.get(row.state, row.state),
        detail=_detail(row, estimate, now_s),
        percent=None if estimate.progress is None else round(100 * estimate.progress),
        instances=row.instances,
        caller=row.caller,
        received=f"{duration(now_s - row.received_s)} ago",
        code=row.code,
        reason=entry.meaning if entry else "",
        remedy=entry.action if entry else "",
        has_report=row.result > 0,
        can_retry=row.state in states.ENDED and bool(row.application),
        can_cancel=row.job > 0 and row.state in states.ACTIVE,
        name=name,
        application=row.application,
    )


def summary(rows: Iterable[Row]) -> Mapping[str, int]:
    """How many lines there are of each state, in the order of a study's way."""
    counts = Counter(row.state for row in rows)
    return {_LABELS.get(state, state): counts[state] for state in states.STATES if counts[state]}


def duration(seconds: float) -> str:
    """A length of time in words.

    Example:
        >>> [duration(seconds) for seconds in (3, 61, 7300, 200000)]
        ['3 s', '1 min', '2 h 1 min', '2 days']
    """
    whole = max(round(seconds), 0)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
    days = whole // _DAY_S
    return "1 day" if days == 1 else f"{days} days"


def _detail(row: Row, estimate: Estimate, now_s: float) -> str:
    if row.state == states.WAITING:
        wait = "" if estimate.wait_s is None else f", starts in about {duration(estimate.wait_s)}"
        return f"number {estimate.position} in the queue{wait}"
    if row.state == states.RUNNING:
        return f"for {duration(now_s - (row.started_s or now_s))}"
    if row.state == states.DONE and row.ran_s is not None:
        return f"analysed in {duration(row.ran_s)}"
    return ""
