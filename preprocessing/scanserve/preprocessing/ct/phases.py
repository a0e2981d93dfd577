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

from scanserve.preprocessing.ct.arrangement import SAME_POSITION_MM, normal_positions
from scanserve.preprocessing.ct.phase_tags import SOURCES, PhaseValue, Source
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["Candidate", "group_series", "phase_label"]

#: A tag counts for a whole series when at least this fraction of its slices carry it.
MOST_SLICES = 0.5
#: Percentages of one stack that differ by more than this are worth saying.
PERCENT_SPREAD = 5.0
#: Positions count as unique when a stack holds at most this many slices per position.
UNIQUE_DEPTH = 1.02


@dataclass(frozen=True)
class Candidate:
    """Slices that may be one phase, how that was found, and what was noticed."""

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


def group_series(slices: Sequence[Slice]) -> list[Candidate]:
    """The candidate phases of one series, in no particular order."""
    if _depth(slices) > UNIQUE_DEPTH:
        for source in SOURCES:
            values = [source.read(one.tags) for one in slices]
            groups = _by_value(slices, values)
            if len(groups) > 1 and all(_depth(group) <= UNIQUE_DEPTH for group in groups.values()):
                return _split(slices, source, values, groups)
    return [_whole(slices)]


def _depth(slices: Sequence[Slice]) -> float:
    """Slices per distinct place (position and orientation)."""
    places = np.rint(normal_positions(slices) / SAME_POSITION_MM)
    kinds = [one.orientation for one in slices]
    return len(slices) / len(set(zip(places.tolist(), kinds, strict=True)))


def _by_value(slices: Sequence[Slice], values: Sequence[PhaseValue | None]) -> dict[float, tuple[Slice, ...]]:
    groups: dict[float, list[Slice]] = defaultdict(list)
    for one, value in zip(slices, values, strict=True):
        if value is not None:
            groups[value.key].append(one)
    return {key: tuple(group) for key, group in groups.items()}


def _split(
    slices: Sequence[Slice],
    source: Source,
    values: Sequence[PhaseValue | None],
    groups: dict[float, tuple[Slice, ...]],
) -> list[Candidate]:
    known = {value.key: value for value in values if value is not None}
    untagged = tuple(one for one, value in zip(slices, values, strict=True) if value is None)
    candidates = []
    for number, (key, group) in enumerate(sorted(groups.items())):
        value = known[key]
        own = f"{_series(slices)}, {source.name} {key:g}"
        label = phase_label(value.percent, value.trigger_ms) or own
        told = f"{label} from {source.name}" if source.identifies else f"no phase tag: told apart by {own}"
        explanation = f"{told} in {len(group)} of {len(slices)} slices of {_series(slices)}"
        candidates.append(Candidate(
            group, label, value.percent, value.trigger_ms, explanation, source.identifies,
            untagged if number == 0 else (),
        ))  # fmt: skip
    return candidates


def _whole(slices: Sequence[Slice]) -> Candidate:
    for source in SOURCES:
        values = [value for one in slices if (value := source.read(one.tags)) is not None]
        if source.identifies and len(values) >= MOST_SLICES * len(slices):
            return _named(slices, source, values)
    label = _series(slices)
    return Candidate(
        tuple(slices),
        label,
        None,
        None,
        f"{label} carries no cardiac phase tag in its {plural(len(slices), 'slice', verb=False)}",
        False,
    )


def _named(slices: Sequence[Slice], source: Source, values: Sequence[PhaseValue]) -> Candidate:
    percent = _middle([value.percent for value in values])
    trigger = _middle([value.trigger_ms for value in values])
    label = phase_label(percent, trigger)
    low, high = min(value.key for value in values), max(value.key for value in values)
    varies = f" (median of {low:g} to {high:g})" if high > low else ""
    explanation = f"{label} from {source.name} in {len(values)} of {len(slices)} slices{varies}"
    findings: tuple[Finding, ...] = ()
    if percent is not None and high - low > PERCENT_SPREAD:
        message = (
            f"the phase {label} is the median of {source.name}, which runs from {low:g} % to {high:g} %."
        )
        findings = (Finding("phase-varies", message),)
    return Candidate(tuple(slices), label, percent, trigger, explanation, True, findings=findings)


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 1) if known else None


def _series(slices: Sequence[Slice]) -> str:
    number = Counter(one.series_number for one in slices).most_common(1)[0][0]
    return "series without a number" if number is None else f"series {number}"
