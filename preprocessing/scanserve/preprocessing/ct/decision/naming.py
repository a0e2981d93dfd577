"""Which phase each stack of a study is: the sources that name phases are judged over the whole study.

A source names a stack when most of its slices carry it; the surest source that names it counts, unless the source
says the same of everything and so nothing:

* of all stacks of one series that were told apart as phases;
* of the whole study, where another source tells stacks of the same kind apart;
* zero of the whole study, where several stacks of the same kind are there, or another source says otherwise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median

from scanserve.preprocessing.ct.decision.separation import Group
from scanserve.preprocessing.ct.decision.series import series_name
from scanserve.preprocessing.ct.decision.sources import SOURCES, Source
from scanserve.preprocessing.ct.phase_tags import PhaseTags
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["Name", "name_groups", "phase_label"]

#: A source counts for a stack when at least this fraction of its slices carry it.
MOST_SLICES = 0.5
#: Percentages of one stack that differ by more than this are worth saying.
PERCENT_SPREAD = 5.0


@dataclass(frozen=True)
class Name:
    """What a stack is called and why.

    Attributes:
        label: ``"70 %"``, ``"350 ms"`` or ``"series 4"``; not yet unique within the study.
        percent: of the R-R interval, or ``None``.
        trigger_ms: delay after the R peak in ms where the label comes with it, or ``None``.
        explanation: which source said so, and in how many slices.
        identified: whether a source names the phase, rather than only telling it from others.
        delay_ms: delay after the R peak in ms as any source states it, to compare names with.
    """

    label: str
    percent: float | None
    trigger_ms: float | None
    explanation: str
    identified: bool
    delay_ms: float | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """What one source says of one stack: the medians of its slices, which carry keys from ``low`` to ``high``."""

    source: Source
    percent: float | None
    trigger_ms: float | None
    low: float
    high: float
    carriers: int

    @property
    def key(self) -> float:
        return (self.trigger_ms if self.percent is None else self.percent) or 0.0


def phase_label(percent: float | None, trigger_ms: float | None) -> str:
    """What a phase is called: ``"70 %"`` or ``"350 ms"``; ``""`` where it has neither.

    Example:
        >>> phase_label(37.5, 350.0), phase_label(None, 350.0)
        ('37.5 %', '350 ms')
    """
    if percent is not None:
        return f"{percent:g} %"
    return "" if trigger_ms is None else f"{trigger_ms:g} ms"


def name_groups(parts: Sequence[Sequence[Group]]) -> list[list[Name]]:
    """The name of each stack; the stacks come by the part of a series that they are of."""
    groups = [group for part in parts for group in part]
    said = [Counter(image.phase_tags for image in group.slices) for group in groups]
    readings = {source.name: [_read(source, of) for of in said] for source in SOURCES if source.identifies}
    _drop_ordinals(readings)
    _drop_within_parts(readings, parts)
    _drop_constants(readings, groups)
    names = iter(
        [_name(group, [of[index] for of in readings.values()]) for index, group in enumerate(groups)]
    )
    return [[next(names) for _ in part] for part in parts]


_Readings = dict[str, list[_Reading | None]]


def _read(source: Source, said: Counter[PhaseTags]) -> _Reading | None:
    """What a source says of a stack, whose slices say what is counted in ``said``."""
    read = [(source.read(tags), count) for tags, count in said.items()]
    values = [value for value, count in read if value is not None for _ in range(count)]
    if len(values) < MOST_SLICES * said.total():
        return None
    keys = [value.key for value in values if not isinstance(value.key, str)]
    percent = _median([value.percent for value in values])
    trigger = _median([value.trigger_ms for value in values])
    return _Reading(source, percent, trigger, min(keys), max(keys), len(values))


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 1) if known else None


# --- readings that say nothing ------------------------------------------------------------------------------


def _drop_ordinals(readings: _Readings) -> None:
    """Drop sources whose numbers cannot be what the source takes them for."""
    for source in SOURCES:
        known = [reading.key for reading in readings.get(source.name, []) if reading is not None]
        if known and not source.means_phases(known):
            readings[source.name] = [None] * len(readings[source.name])


def _drop_within_parts(readings: _Readings, parts: Sequence[Sequence[Group]]) -> None:
    """Drop what a source says alike of all stacks of a series that were told apart as phases."""
    start = 0
    for part in parts:
        told = [index for index, group in enumerate(part, start) if group.told is not None]
        start += len(part)
        for of in readings.values():
            if len(told) > 1 and len({_key(of[index]) for index in told}) == 1:
                for index in told:
                    of[index] = None


def _drop_constants(readings: _Readings, groups: Sequence[Group]) -> None:
    """Drop sources that say the same of the whole study although it holds several phases, or a zero of no meaning."""
    alike = _alike(groups)
    telling = [of for of in readings.values() if any(_differ(of[a], of[b]) for a, b in alike)]
    for name, of in readings.items():
        known = {_key(reading) for reading in of if reading is not None}
        if len(known) != 1:
            continue
        pairs = [(a, b) for a, b in alike if of[a] is not None and of[b] is not None]
        told = any(_differ(other[a], other[b]) for other in telling for a, b in pairs)
        if told or (known == {0.0} and (pairs or _is_contradicted(of, readings))):
            readings[name] = [None] * len(of)


def _is_contradicted(zeros: Sequence[_Reading | None], readings: _Readings) -> bool:
    """Whether another source says something else of a stack of which this one says zero."""
    return any(
        other is not None and other.key > 0
        for of in readings.values()
        for zero, other in zip(zeros, of, strict=True)
        if zero is not None
    )


def _alike(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """Pairs of stacks that could be phases of one scan: of one kind, matrix, kernel and thickness."""
    kinds: dict[Hashable, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        first = group.slices[0]
        kinds[
            (
                group.nature,
                first.kernel,
                first.thickness,
                first.frame.rows,
                first.frame.columns,
                first.pixel_spacing,
            )
        ].append(index)
    return [pair for members in kinds.values() for pair in combinations(members, 2)]


def _key(reading: _Reading | None) -> float | None:
    return None if reading is None else reading.key


def _differ(first: _Reading | None, second: _Reading | None) -> bool:
    if first is None or second is None:
        return False
    return abs(first.key - second.key) > first.source.jitter / 2


# --- names --------------------------------------------------------------------------------------------------


def _name(group: Group, readings: Sequence[_Reading | None]) -> Name:
    reading = next((reading for reading in readings if reading is not None), None)
    if reading is None:
        return _unknown(group)
    delays = [
        stated.trigger_ms for stated in readings if stated is not None and stated.trigger_ms is not None
    ]
    return replace(_known(group, reading), delay_ms=delays[0] if delays else None)


def _known(group: Group, reading: _Reading) -> Name:
    label = phase_label(reading.percent, reading.trigger_ms)
    name, told = reading.source.name, group.told
    of = (
        f"{len(group.slices)} slices"
        if told is None
        else f"{told.slices} slices of {series_name(group.slices)}"
    )
    varies = f" (median of {reading.low:g} to {reading.high:g})" if reading.high > reading.low else ""
    by = told.source if told is not None and told.source != name else ""
    apart = f", told apart by {by}" if by else ""
    findings: tuple[Finding, ...] = ()
    if reading.percent is not None and reading.high - reading.low > PERCENT_SPREAD:
        message = f"the phase {label} is the median of {name}, which runs from {reading.low:g} % to {reading.high:g} %."
        findings = (Finding("phase-varies", message),)
    return Name(
        label=label,
        percent=reading.percent,
        trigger_ms=reading.trigger_ms,
        explanation=f"{label} from {name} in {reading.carriers} of {of}{varies}{apart}",
        identified=True,
        findings=findings,
    )


def _unknown(group: Group) -> Name:
    series, told = series_name(group.slices), group.told
    count = plural(len(group.slices), "slice", verb=False)
    if told is None:
        label, explanation = series, f"{series} carries no cardiac phase tag in its {count}"
    elif isinstance(told.key, float | int):
        label = f"{series}, {told.source} {told.key:g}"
        explanation = (
            f"no phase tag: told apart by {label} in {len(group.slices)} of {told.slices} slices of {series}"
        )
    else:
        label = f"{series} ({told.number} of {told.count})"
        by = told.source or "the order of instances at each place"
        of = f"{len(group.slices)} of {told.slices} slices of {series}"
        explanation = f"no phase tag: {label} told apart by {by} in {of}"
    return Name(label, None, None, explanation, identified=False)
