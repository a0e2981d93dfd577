"""How the stored values of a tomogram become counts, as its header states it.

A rescale is optional in NM: without one, stored values are counts.  Workstations scale values to 16 bits and state the
counts in RealWorldValueMapping alone (PS3.3 C.7.6.16.2.11), beside no rescale or one that changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanserve.contracts.printable import printable
from scanserve.preprocessing.dicom import FileRejectedError, Header
from scanserve.preprocessing.dicom import tags as image_tags
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.nm import tags

__all__ = ["Scale", "read_scale"]

#: Slopes and intercepts beyond these give no counts.
LEAST_SLOPE, MOST = 1e-9, 1e9
#: Units of counts (UCUM); no unit is taken for one.
_COUNTS = frozenset({"", "1", "{counts}", "{count}", "{cnt}", "CNTS"})


@dataclass(frozen=True)
class Scale:
    """Counts = ``slope`` * stored value + ``intercept``.

    ``real_world`` says that RealWorldValueMapping states it, and ``unit`` what that gives, ``""`` for counts.
    """

    slope: float = 1.0
    intercept: float = 0.0
    real_world: bool = False
    unit: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether stored values stay as they are."""
        return (self.slope, self.intercept) == (1.0, 0.0)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader should know of it."""
        if not self.unit:
            return ()
        message = f"the values are in {self.unit}, not counts; they are restored as if they were."
        return (Finding("values-not-counts", message),)


def read_scale(header: Header) -> tuple[Scale, tuple[Finding, ...]]:
    """The scale that ``header`` states, and what is to be said about it.

    Raises:
        FileRejectedError: code ``rescale-invalid``.
    """
    rescale = _of(header, image_tags.RESCALE_SLOPE, image_tags.RESCALE_INTERCEPT)
    mapped = next(_mappings(header), None)
    if rescale is None or (rescale.says_nothing and mapped is not None):
        scale = mapped or Scale()
        return scale, scale.findings
    if mapped is None or (mapped.slope, mapped.intercept) == (rescale.slope, rescale.intercept):
        return rescale, ()
    message = (
        f"counts are stated in two ways; those of the rescale are used ({rescale.slope:g} x value "
        f"{rescale.intercept:+g}), not those of RealWorldValueMapping."
    )
    return rescale, (Finding("two-scales", message),)


def _mappings(header: Header) -> Iterator[Scale]:
    """Those of RealWorldValueMapping, counts before other units.

    Raises:
        FileRejectedError: code ``rescale-invalid`` where there are some, and none is a straight line.
    """
    items = [header.item(tags.REAL_WORLD_VALUE_MAPPING_SEQUENCE, at) for at in range(_mapping_count(header))]
    lines = [_mapping(item) for item in items if item is not None and tags.REAL_WORLD_VALUE_SLOPE in item]
    if items and not lines:
        raise FileRejectedError("rescale-invalid", "map their values to real ones by a table, not a line")
    yield from sorted(lines, key=lambda scale: bool(scale.unit))


def _mapping_count(header: Header) -> int:
    return header.count(tags.REAL_WORLD_VALUE_MAPPING_SEQUENCE)


def _mapping(item: Header) -> Scale:
    found = _of(item, tags.REAL_WORLD_VALUE_SLOPE, tags.REAL_WORLD_VALUE_INTERCEPT) or Scale()
    units = item.item(tags.MEASUREMENT_UNITS_CODE_SEQUENCE) or Header()
    unit = units.text(tags.CODE_VALUE)
    return Scale(found.slope, found.intercept, True, "" if unit in _COUNTS else printable(unit, 16))


def _of(header: Header, slope_tag: int, intercept_tag: int) -> Scale | None:
    """The scale that two attributes state; ``None`` where neither is there."""
    if not header.text(slope_tag) and not header.text(intercept_tag):
        return None
    slope, intercept = header.number(slope_tag), header.number(intercept_tag)
    if slope is None or intercept is None or not LEAST_SLOPE <= slope <= MOST or abs(intercept) > MOST:
        reason = "state a slope and an intercept of their values that are no such numbers"
        raise FileRejectedError("rescale-invalid", reason)
    return Scale(slope, intercept)
