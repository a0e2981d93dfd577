"""Series as they were meant: fragments joined, different things apart.

A converter may give every slice a series UID of its own; a workplace may put projections into the series that they
were made from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np

from scanserve.preprocessing.ct.arrangement import alike_layouts
from scanserve.preprocessing.ct.decision.kinds import Nature, nature_of
from scanserve.preprocessing.ct.slices import Slice, normal_of

__all__ = ["Part", "parts_of", "series_name"]

T = TypeVar("T")

#: Slices of another layout than the rest are a stack of their own from so many on; fewer are strays.
LAYOUT_SLICES = 10
#: A series continues another when it starts at most this many slice spacings behind its end.
CONTINUED_STEPS = 1.5


@dataclass(frozen=True)
class Part:
    """Slices of one series that are of one kind and, but for strays, of one layout."""

    slices: tuple[Slice, ...]
    nature: Nature
    strays: tuple[Slice, ...] = ()


def series_name(slices: Sequence[Slice]) -> str:
    """What the series of the slices is called: by its commonest number."""
    counts = Counter(image.series_number for image in slices)
    number = max(counts, key=lambda number: (counts[number], -(number or 0)))
    return "series without a number" if number is None else f"series {number}"


def parts_of(slices: Iterable[Slice]) -> list[Part]:
    """The parts of all series, in an order that does not depend on that of the slices."""
    parts: list[Part] = []
    for series in _joined(_groups(slices, lambda image: image.series_uid)):
        for kind in _groups(series, lambda image: _matter(nature_of(image))):
            parts += _by_layout(kind)
    return parts


def _groups(items: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def _matter(nature: Nature) -> Hashable:
    """What tells the slices of one series apart for certain."""
    return nature.kind, nature.certain


def _joined(series: Sequence[list[Slice]]) -> list[list[Slice]]:
    """The series; those of one slice are one where they are alike, and so are those that continue each other."""
    lone = [slices[0] for slices in series if len(slices) == 1]
    numbered = _groups(lone, lambda image: (image.series_number, _likeness(image)))
    single = [image for group in numbered if len(group) == 1 for image in group]
    joined = [group for group in numbered if len(group) > 1] + _groups(single, _likeness)
    several = [slices for slices in series if len(slices) > 1]
    for alike in _groups(several, lambda slices: (slices[0].series_number, _likeness(slices[0]))):
        joined += [[image for slices in alike for image in slices]] if _continue(alike) else alike
    return joined


def _continue(series: Sequence[Sequence[Slice]]) -> bool:
    """Whether the series of one layout lie one behind the other along their normal."""
    if len(series) < 2 or series[0][0].series_number is None:
        return False
    normal = normal_of(series[0][0].orientation)
    places = [np.array([image.position for image in slices]) @ normal for slices in series]
    ranges = sorted((along.min(), along.max(), len(along)) for along in places)
    most = CONTINUED_STEPS * (ranges[0][1] - ranges[0][0]) / (ranges[0][2] - 1)
    return all(0 < start - end <= most for (_, end, _), (start, _, _) in pairwise(ranges))


def _likeness(image: Slice) -> Hashable:
    """What the slices of one series have in common."""
    frame = image.frame
    return (
        (image.phase_tags.series_description, nature_of(image), image.kernel, image.thickness),
        (frame.rows, frame.columns, image.pixel_spacing, image.orientation),
    )


def _by_layout(slices: Sequence[Slice]) -> list[Part]:
    """Slices of different layouts apart; a few of a rare layout stay with the rest as strays."""
    groups = alike_layouts(slices)
    strays = tuple(image for group in groups[1:] if len(group) < LAYOUT_SLICES for image in group)
    large = [group for group in groups[1:] if len(group) >= LAYOUT_SLICES]
    nature = nature_of(groups[0][0])
    return [Part(tuple(groups[0]), nature, strays), *(Part(tuple(group), nature) for group in large)]
