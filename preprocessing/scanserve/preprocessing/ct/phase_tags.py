"""What one slice says about its cardiac phase, as it stands in the file."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PhaseTags"]


@dataclass(frozen=True)
class PhaseTags:
    """What one slice says about its cardiac phase; ``None`` or ``""`` where it says nothing.

    Percent is that of the R-R interval; a trigger delay counts from the R peak, in milliseconds.  A time is
    the number that its digits make, HHMMSS.ffffff.
    """

    nominal_percent: float | None = None
    scan_options: str = ""
    series_description: str = ""
    image_comments: str = ""
    trigger_ms: float | None = None
    temporal_index: int | None = None
    temporal_position: int | None = None
    acquisition: int | None = None
    content_time: float | None = None
    acquisition_time: float | None = None
