"""What is to be said about the Hounsfield units of a stack: whether they are known, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.preprocessing.ct.padding import is_doubtful
from scanserve.preprocessing.ct.rescale import UNSPECIFIED, in_hounsfield
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["unit_findings"]

#: Other terms that the standard defines (PS3.3 C.11.1.1.2); what is none of them is not repeated to the reader.
_UNITS = frozenset({"OD", "HU_MOD", "MGML", "Z_EFF", "ED", "EDW", "PCT"})
#: Slices that are named at most.
NAMED = 5


def unit_findings(slices: Sequence[Slice]) -> tuple[Finding, ...]:
    """All that is to be said; ``not-hu``, ``rescale-missing`` and ``rescale-invalid`` forbid loading."""
    sayings = (_other, _missing, _invalid, _varies, _unspecified, _padding)
    return tuple(finding for say in sayings for finding in say(slices))


def _other(slices: Sequence[Slice]) -> list[Finding]:
    others = [image for image in slices if not in_hounsfield(image.rescale.unit)]
    if not others:
        return []
    units = {image.rescale.unit for image in others}
    named = " and ".join(sorted(units)) if units <= _UNITS else "another unit"
    message = (
        f"{len(others)} of {plural(len(slices), 'slice', verb=False)} hold values in {named}, not in Hounsfield units "
        "(RescaleType)."
    )
    return [Finding("not-hu", message)]


def _missing(slices: Sequence[Slice]) -> list[Finding]:
    without = [image for image in slices if image.rescale.missing]
    if not without:
        return []
    keywords = sorted({keyword for image in without for keyword in image.rescale.missing}, reverse=True)
    message = (
        f"{len(without)} of {plural(len(slices), 'slice', verb=False)} do not state {' and '.join(keywords)}, "
        f"so that their Hounsfield units are not known (in {_named(without)})."
    )
    return [Finding("rescale-missing", message)]


def _invalid(slices: Sequence[Slice]) -> list[Finding]:
    odd = [image for image in slices if image.rescale.invalid]
    if not odd:
        return []
    message = (
        f"{len(odd)} of {plural(len(slices), 'slice', verb=False)} state {' and '.join(odd[0].rescale.invalid)} "
        f"or the like, so that their Hounsfield units are not known (in {_named(odd)})."
    )
    return [Finding("rescale-invalid", message)]


def _varies(slices: Sequence[Slice]) -> list[Finding]:
    ways = {(image.slope, image.intercept) for image in slices if image.rescale.known}
    if len(ways) < 2:
        return []
    listed = ", ".join(f"{slope:g} x value {intercept:+g}" for slope, intercept in sorted(ways)[:NAMED])
    message = f"stored values become Hounsfield units in {len(ways)} ways, slice by slice ({listed})."
    return [Finding("rescale-varies", message)]


def _unspecified(slices: Sequence[Slice]) -> list[Finding]:
    count = sum(image.rescale.unit == UNSPECIFIED for image in slices)
    if not count:
        return []
    message = (
        f"{count} of {plural(len(slices), 'slice', verb=False)} say that the unit of their values is not specified "
        "(RescaleType US); they are taken to be Hounsfield units."
    )
    return [Finding("rescale-type-unspecified", message)]


def _padding(slices: Sequence[Slice]) -> list[Finding]:
    doubtful = [image for image in slices if image.rescale.known and is_doubtful(image)]
    if not doubtful:
        return []
    first = doubtful[0]
    value = (first.padding or (0, 0))[0]
    message = (
        f"{len(doubtful)} of {plural(len(slices), 'slice', verb=False)} name the padding value {value}, which is "
        f"{first.slope * value + first.intercept:g} HU and may be tissue; only pixels of it that "
        "reach a corner of the image are taken for padding."
    )
    return [Finding("padding-doubtful", message)]


def _named(slices: Sequence[Slice]) -> str:
    names = sorted(image.frame.name for image in slices)
    more = len(names) - NAMED
    return "; ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
