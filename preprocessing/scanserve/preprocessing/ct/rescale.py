"""How stored values become Hounsfield units, as a file states it, or why that is not known.

RescaleSlope and RescaleIntercept are type 1 in CT (PS3.3 C.8.2.1): an image without them, or with values that are no
such numbers, has no Hounsfield units, and none are made up for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scanserve.contracts.printable import printable
from scanserve.preprocessing.ct import tags
from scanserve.preprocessing.ct.functional_groups import FunctionalGroups
from scanserve.preprocessing.dicom import tag

__all__ = ["UNSPECIFIED", "Rescale", "in_hounsfield", "read_rescale"]

#: RescaleType of Hounsfield units; an image that names none is in them (PS3.3 C.11.1).
_HOUNSFIELD = frozenset({"", "HU", "HOUNSFIELD", "HOUNSFIELD UNITS"})
#: RescaleType that says nothing; scanners write it on images in Hounsfield units.
UNSPECIFIED = "US"
#: Slopes and intercepts of real images lie far within these bounds, and no value beyond them gives an image.
MOST_SLOPE, MOST_INTERCEPT = 1000.0, 100_000.0


@dataclass(frozen=True)
class Rescale:
    """HU = ``slope`` * stored value + ``intercept``; both are NaN where they are not known.

    Attributes:
        slope: > 0.
        intercept: HU.
        missing: which of the attributes the file does not state.
        invalid: what the file states instead of a number, fit to be printed.
        unit: RescaleType, in capitals.
    """

    slope: float = 1.0
    intercept: float = 0.0
    missing: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    unit: str = "HU"

    @property
    def known(self) -> bool:
        """Whether values can be turned into HU."""
        return not self.missing and not self.invalid


def in_hounsfield(unit: str) -> bool:
    """Whether values of this RescaleType are taken to be in HU: stated, unspecified, or absent."""
    return unit.strip().upper() in _HOUNSFIELD | {UNSPECIFIED}


def read_rescale(groups: FunctionalGroups) -> Rescale:
    """What one slice states."""
    slope = _Stated.in_groups(groups, "RescaleSlope")
    intercept = _Stated.in_groups(groups, "RescaleIntercept")
    good = (
        slope.is_within(MOST_SLOPE) and slope.number > 0,
        intercept.is_within(MOST_INTERCEPT),
    )
    faults = [stated for stated, fine in zip((slope, intercept), good, strict=True) if not fine]
    return Rescale(
        slope=slope.number if good[0] else math.nan,
        intercept=intercept.number if good[1] else math.nan,
        missing=tuple(fault.keyword for fault in faults if not fault.text),
        invalid=tuple(f"{fault.keyword} '{printable(fault.text, 20)}'" for fault in faults if fault.text),
        unit=groups.text(tags.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, tags.RESCALE_TYPE).upper(),
    )


@dataclass(frozen=True)
class _Stated:
    """An attribute as it is written, and the one number that it is, or NaN."""

    keyword: str
    text: str
    number: float

    @classmethod
    def in_groups(cls, groups: FunctionalGroups, keyword: str) -> _Stated:
        place = tags.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, tag(keyword)
        values = set(groups.numbers(*place))
        number = values.pop() if len(values) == 1 else None
        return cls(keyword, groups.text(*place), math.nan if number is None else number)

    def is_within(self, most: float) -> bool:
        return abs(self.number) <= most
