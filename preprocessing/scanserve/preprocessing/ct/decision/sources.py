"""Where the phase of a slice may be written, and how each way is read.

Percent is that of the R-R interval; trigger is the delay after the R peak in milliseconds.  Sources that identify
say which phase it is; the others can only tell the phases of one series apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from scanserve.preprocessing.ct.phase_names import percent_in_text, phase_number_in_text, trigger_in_text
from scanserve.preprocessing.ct.phase_tags import PhaseTags

__all__ = ["SOURCES", "PhaseValue", "Source"]

#: Numbers after the word "phase" below this may only count the phases.
ORDINALS_BELOW = 20


@dataclass(frozen=True)
class PhaseValue:
    """One slice's phase as one source states it; ``key`` tells phases of that source apart."""

    key: float | str
    percent: float | None = None
    trigger_ms: float | None = None


@dataclass(frozen=True)
class Source:
    """One way in which a phase is written.

    Attributes:
        name: of the attribute, for explanations.
        read: the phase that a slice states, or ``None``.
        identifies: whether it says which phase it is.
        jitter: how far values of one phase may lie apart, because heart beats differ.
        interleaves: whether it tells phases apart even where their slices share no place.
        means_phases: whether its values over a study can be what it takes them for.
        weak: whether copies of one image may differ in it.
    """

    name: str
    read: Callable[[PhaseTags], PhaseValue | None]
    identifies: bool = True
    jitter: float = 0.0
    interleaves: bool = True
    means_phases: Callable[[Iterable[float]], bool] = lambda values: True
    weak: bool = False


def _percent(value: float | None) -> PhaseValue | None:
    if value is None or not 0 <= value <= 100:
        return None
    return PhaseValue(round(value, 1), percent=round(value, 1))


def _trigger(value: float | None) -> PhaseValue | None:
    if value is None or value < 0:
        return None
    return PhaseValue(round(value), trigger_ms=float(round(value)))


def _key(value: float | str | None) -> PhaseValue | None:
    return None if value is None or value == "" else PhaseValue(value)


def _options(tags: PhaseTags) -> PhaseValue | None:
    value = _percent(percent_in_text(tags.scan_options))
    return value and PhaseValue(value.key, value.percent, trigger_in_text(tags.scan_options))


def _percentages(values: Iterable[float]) -> bool:
    """Whether numbers after the word "phase" are percentages, and do not just count the phases."""
    known = sorted(set(values))
    if known and known[0] >= ORDINALS_BELOW:
        return True
    return len(known) > 1 and bool(np.diff(known).min() > 1)


def _weak(name: str, read: Callable[[PhaseTags], PhaseValue | None]) -> Source:
    return Source(name, read, identifies=False, interleaves=False, weak=True)


#: Beats differ by this many ms and percent at least.
_MS, _PERCENT = 20.0, 2.0

#: Every source, the surest first.
SOURCES: tuple[Source, ...] = (
    Source("NominalPercentageOfCardiacPhase", lambda tags: _percent(tags.nominal_percent), jitter=_PERCENT),
    Source("ScanOptions", _options, jitter=_PERCENT),
    Source(
        "SeriesDescription", lambda tags: _percent(percent_in_text(tags.series_description)), jitter=_PERCENT
    ),
    Source("ImageComments", lambda tags: _percent(percent_in_text(tags.image_comments)), jitter=_PERCENT),
    Source(
        "SeriesDescription (phase)",
        lambda tags: _percent(phase_number_in_text(tags.series_description)),
        jitter=_PERCENT,
        means_phases=_percentages,
    ),
    Source(
        "ImageComments (phase)",
        lambda tags: _percent(phase_number_in_text(tags.image_comments)),
        jitter=_PERCENT,
        means_phases=_percentages,
    ),
    Source("TriggerTime", lambda tags: _trigger(tags.trigger_ms), jitter=_MS),
    Source(
        "SeriesDescription (ms)", lambda tags: _trigger(trigger_in_text(tags.series_description)), jitter=_MS
    ),
    Source("ImageComments (ms)", lambda tags: _trigger(trigger_in_text(tags.image_comments)), jitter=_MS),
    Source("TemporalPositionIndex", lambda tags: _key(tags.temporal_index), identifies=False),
    Source("TemporalPositionIdentifier", lambda tags: _key(tags.temporal_position), identifies=False),
    Source("AcquisitionNumber", lambda tags: _key(tags.acquisition), identifies=False, interleaves=False),
    _weak("ContentTime", lambda tags: _key(tags.content_time)),
    _weak("AcquisitionTime", lambda tags: _key(tags.acquisition_time)),
    _weak("SeriesDescription (text)", lambda tags: _key(tags.series_description)),
    _weak("ImageComments (text)", lambda tags: _key(tags.image_comments)),
)
