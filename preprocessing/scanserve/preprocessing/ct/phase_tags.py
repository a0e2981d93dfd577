"""What vendors write about the cardiac phase, and how each way is read.

Percent is that of the R-R interval; trigger is the delay after the R peak in milliseconds.  Sources are
tried in the order of :data:`SOURCES`; the first that explains a series wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["SOURCES", "PhaseTags", "PhaseValue", "Source", "percent_in_text", "trigger_in_text"]

#: ``TP70PC1165``: 70 % of the R-R interval, 1165 ms after the R peak (Siemens).
_SIEMENS = re.compile(r"TP(\d{1,3}(?:\.\d+)?)PC(\d{1,5})?", re.IGNORECASE)
#: ``10 - 100 %`` or ``0%-90%``: all phases of a series, not one.
_RANGE = re.compile(r"\d+(?:[.,]\d+)?\s*%?\s*(?:-|–|\.\.|to|bis)\s*\d+(?:[.,]\d+)?\s*%", re.IGNORECASE)
#: ``ASiR-V 40%``: the strength of a reconstruction, not a phase.
_STRENGTH = re.compile(
    r"(?:asir(?:-?\s?v)?|idose|admire|safire|aidr|veo|blend|\bss|\bir)\W*\d+(?:[.,]\d+)?\s*%", re.IGNORECASE
)
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d+)?)\s*%")
_TRIGGER = re.compile(r"(?<![\d.,])(\d{2,4}(?:[.,]\d+)?)\s*ms(?:ec)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class PhaseTags:
    """What one slice says about its cardiac phase; ``None`` or ``""`` where it says nothing."""

    nominal_percent: float | None = None
    scan_options: str = ""
    series_description: str = ""
    image_comments: str = ""
    trigger_ms: float | None = None
    temporal_position: int | None = None
    acquisition: int | None = None


@dataclass(frozen=True)
class PhaseValue:
    """One slice's phase as one source states it; ``key`` tells phases of that source apart."""

    key: float
    percent: float | None = None
    trigger_ms: float | None = None


@dataclass(frozen=True)
class Source:
    """One way in which a phase is written.

    ``identifies`` is false for a source that can only tell the phases of one series apart.
    """

    name: str
    read: Callable[[PhaseTags], PhaseValue | None]
    identifies: bool = True


def percent_in_text(text: str) -> float | None:
    """The one percentage (0 to 100) that a description states as its phase, or ``None``.

    Example:
        >>> percent_in_text("BestDiast 77 %"), percent_in_text("10 - 100 %"), percent_in_text("75% ASIR 40%")
        (77.0, None, 75.0)
    """
    found = {_decimal(match) for match in _PERCENT.findall(_STRENGTH.sub(" ", _RANGE.sub(" ", text)))}
    return _only(value for value in found if value <= 100)


def trigger_in_text(text: str) -> float | None:
    """The one trigger delay in ms that a description states, or ``None``."""
    return _only({_decimal(match) for match in _TRIGGER.findall(text)})


def _only(values: Iterable[float]) -> float | None:
    listed = list(values)
    return listed[0] if len(listed) == 1 else None


def _decimal(digits: str) -> float:
    return float(digits.replace(",", "."))


def _percent(value: float | None) -> PhaseValue | None:
    if value is None or not 0 <= value <= 100:
        return None
    return PhaseValue(round(value, 1), percent=round(value, 1))


def _trigger(value: float | None) -> PhaseValue | None:
    if value is None or value < 0:
        return None
    return PhaseValue(round(value), trigger_ms=float(round(value)))


def _number(value: int | None) -> PhaseValue | None:
    return None if value is None else PhaseValue(value)


def _siemens(tags: PhaseTags) -> PhaseValue | None:
    match = _SIEMENS.search(tags.scan_options)
    if not match:
        return None
    value = _percent(_decimal(match[1]))
    return value and PhaseValue(value.key, value.percent, float(match[2]) if match[2] else None)


#: Every source, the surest first.
SOURCES: tuple[Source, ...] = (
    Source("NominalPercentageOfCardiacPhase", lambda tags: _percent(tags.nominal_percent)),
    Source("ScanOptions", _siemens),
    Source("SeriesDescription", lambda tags: _percent(percent_in_text(tags.series_description))),
    Source("ImageComments", lambda tags: _percent(percent_in_text(tags.image_comments))),
    Source("TriggerTime", lambda tags: _trigger(tags.trigger_ms)),
    Source("SeriesDescription (ms)", lambda tags: _trigger(trigger_in_text(tags.series_description))),
    Source("ImageComments (ms)", lambda tags: _trigger(trigger_in_text(tags.image_comments))),
    Source("TemporalPositionIdentifier", lambda tags: _number(tags.temporal_position), identifies=False),
    Source("AcquisitionNumber", lambda tags: _number(tags.acquisition), identifies=False),
)
