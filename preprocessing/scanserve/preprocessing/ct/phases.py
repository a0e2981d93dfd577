"""Grouping CT slices into cardiac phases by what vendors write, and saying why.

A series may hold one phase or several.  Where slices of a series share positions, the first source of
:data:`~scanserve.preprocessing.ct.phase_tags.SOURCES` that makes positions unique splits it; otherwise the
series is one phase, and the first source that most of its slices carry names it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from scanserve.preprocessing.ct.arrangement import SAME_POSITION_MM
from scanserve.preprocessing.ct.phase_tags import SOURCES, PhaseValue, Source
from scanserve.preprocessing.ct.slices import Slice, normal_positions
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["PhaseCandidate", "group_series", "phase_label"]

#: A tag counts for a whole series when at least this fraction of its slices carry it.
MOST_SLICES = 0.5
#: Percentages of one stack that differ by more than this are worth saying.
PERCENT_SPREAD = 5.0
#: Positions count as unique when a stack holds at most this many slices per position.
UNIQUE_DEPTH = 1.02

#: The slices of one phase by the key of its :class:`~scanserve.preprocessing.ct.phase_tags.PhaseValue`.
Groups = dict[float, tuple[Slice, ...]]


@dataclass(frozen=True)
class PhaseCandidate:
    """Slices that may be one phase, how that was found, and what was noticed.

    Attributes:
        slices: of one series, in no particular order.
        label: what the phase is called; not yet unique within the study.
        percent: of the R-R interval, or ``None``.
        trigger_ms: delay after the R peak in ms, or ``None``.
        explanation: which source said so, and in how many slices.
        identified: whether a source names the phase, rather than only telling it from others.
        untagged: slices of the series that do not say to which of its phases they belong.
    """

    slices: tuple[Slice, ...]
    label: str
    percent: float | None
    trigger_ms: float | None
    explanation: str
    identified: bool
    untagged: tuple[Slice, ...] = ()
    findings: tuple[Finding, ...] = ()


def phase_label(percent: float | None, trigger_ms: float | None) -> str:
    """What a phase is called: ``"70 %"`` or ``"350 ms"``; ``""`` where it has neither."""
    if percent is not None:
        return f"{percent:g} %"
    return "" if trigger_ms is None else f"{trigger_ms:g} ms"


def group_series(slices: Sequence[Slice]) -> list[PhaseCandidate]:
    """The candidate phases of one series, in no particular order."""
    if _depth(slices) > UNIQUE_DEPTH:
        for source in SOURCES:
            values = [source.read(image.phase_tags) for image in slices]
            groups = _by_value(slices, values)
            if len(groups) > 1 and all(_depth(group) <= UNIQUE_DEPTH for group in groups.values()):
                return _split(slices, source, values, groups)
    return [_whole(slices)]


def _depth(slices: Sequence[Slice]) -> float:
    """Slices per distinct place (position and orientation)."""
    positions = np.rint(normal_positions(slices) / SAME_POSITION_MM)
    orientations = [image.orientation for image in slices]
    return len(slices) / len(set(zip(positions.tolist(), orientations, strict=True)))


def _by_value(slices: Sequence[Slice], values: Sequence[PhaseValue | None]) -> Groups:
    groups: dict[float, list[Slice]] = defaultdict(list)
    for image, value in zip(slices, values, strict=True):
        if value is not None:
            groups[value.key].append(image)
    return {key: tuple(group) for key, group in groups.items()}


def _split(
    slices: Sequence[Slice], source: Source, values: Sequence[PhaseValue | None], groups: Groups
) -> list[PhaseCandidate]:
    """One candidate per group; the first of them also accounts for the slices that are in none."""
    known = {value.key: value for value in values if value is not None}
    untagged = tuple(image for image, value in zip(slices, values, strict=True) if value is None)
    first = min(groups)
    return [
        _part(slices, source, known[key], group, untagged if key == first else ())
        for key, group in sorted(groups.items())
    ]


def _part(
    slices: Sequence[Slice],
    source: Source,
    value: PhaseValue,
    group: tuple[Slice, ...],
    untagged: tuple[Slice, ...],
) -> PhaseCandidate:
    """The candidate of the slices ``group`` among the ``slices`` of a series."""
    series = _series_name(slices)
    own = f"{series}, {source.name} {value.key:g}"
    label = phase_label(value.percent, value.trigger_ms) or own
    told = f"{label} from {source.name}" if source.identifies else f"no phase tag: told apart by {own}"
    return PhaseCandidate(
        slices=group,
        label=label,
        percent=value.percent,
        trigger_ms=value.trigger_ms,
        explanation=f"{told} in {len(group)} of {len(slices)} slices of {series}",
        identified=source.identifies,
        untagged=untagged,
    )


def _whole(slices: Sequence[Slice]) -> PhaseCandidate:
    """A series that is one phase, named by the first source that most of its slices carry."""
    for source in SOURCES:
        values = [value for image in slices if (value := source.read(image.phase_tags)) is not None]
        if source.identifies and len(values) >= MOST_SLICES * len(slices):
            return _named(slices, source, values)
    label = _series_name(slices)
    count = plural(len(slices), "slice", verb=False)
    return PhaseCandidate(
        slices=tuple(slices),
        label=label,
        percent=None,
        trigger_ms=None,
        explanation=f"{label} carries no cardiac phase tag in its {count}",
        identified=False,
    )


def _named(slices: Sequence[Slice], source: Source, values: Sequence[PhaseValue]) -> PhaseCandidate:
    percent = _median([value.percent for value in values])
    trigger = _median([value.trigger_ms for value in values])
    label = phase_label(percent, trigger)
    low, high = min(value.key for value in values), max(value.key for value in values)
    varies = f" (median of {low:g} to {high:g})" if high > low else ""
    findings: tuple[Finding, ...] = ()
    if percent is not None and high - low > PERCENT_SPREAD:
        message = (
            f"the phase {label} is the median of {source.name}, which runs from {low:g} % to {high:g} %."
        )
        findings = (Finding("phase-varies", message),)
    return PhaseCandidate(
        slices=tuple(slices),
        label=label,
        percent=percent,
        trigger_ms=trigger,
        explanation=f"{label} from {source.name} in {len(values)} of {len(slices)} slices{varies}",
        identified=True,
        findings=findings,
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 1) if known else None


def _series_name(slices: Sequence[Slice]) -> str:
    number = Counter(image.series_number for image in slices).most_common(1)[0][0]
    return "series without a number" if number is None else f"series {number}"
