"""From the parts of series to stacks: every slice of a stack is of one phase and one reconstruction.

A part is one stack as it is where no two slices share a place and no source shows interleaved phases in it.  Else it
is separated, and what comes out of that again, in this order:

1. by reconstruction (original or derived, kernel, thickness), where each covers all of the part;
2. by the source of phase information that puts most slices to use; of equal ones, the source that does so in most
   of the study, then the surest;
3. by the order of instances at each place, or in passes along the normal, where nothing else tells the slices
   apart and they differ.

Slices of one place that are identical are copies and stay together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scanserve.preprocessing.ct.decision.kinds import Nature, nature_of
from scanserve.preprocessing.ct.decision.partitions import Partition, best_partition, by_instances
from scanserve.preprocessing.ct.decision.piles import UNIQUE_DEPTH, Labels, Pile
from scanserve.preprocessing.ct.decision.series import Part
from scanserve.preprocessing.ct.decision.sources import SOURCES, Source
from scanserve.preprocessing.ct.regularity import MAX_STRAYS
from scanserve.preprocessing.ct.slices import Slice

__all__ = ["Group", "Told", "separate"]

#: Scores nearer than this are equal.
EQUAL_SCORE = 0.01
#: Reconstructions are looked for from so many slices a place on.
SEVERAL = 1.5
#: So many places are looked at to see whether slices that share one are copies.
SAMPLED_PLACES = 3

#: What may differ between reconstructions that share one series.
_TRAITS: tuple[Callable[[Slice], Hashable], ...] = (
    lambda image: nature_of(image).original,
    lambda image: image.kernel,
    lambda image: image.thickness,
    lambda image: image.slope,
)

#: Whether two slices hold the same image.
Same = Callable[[Slice, Slice], bool]


@dataclass(frozen=True)
class Told:
    """How a stack was told from the others of its series.

    Attributes:
        source: name of the attribute, or ``""`` for the order of instances.
        number, count: which of how many stacks it is, from 1.
        key: what the source states, where its values count something.
        slices: of how many slices it was told.
    """

    source: str
    number: int
    count: int
    key: float | str | None
    slices: int


@dataclass(frozen=True)
class Group:
    """The slices of one stack.

    Attributes:
        slices: as they are, copies among them.
        nature: what they are.
        told: how they were told from the others of their series; ``None`` where the series is one stack.
        untagged: slices of the series that belong to none of its stacks.
        unclear: whether some places hold several slices that differ and that nothing tells apart.
    """

    slices: tuple[Slice, ...]
    nature: Nature
    told: Told | None = None
    untagged: tuple[Slice, ...] = ()
    unclear: bool = False


def separate(parts: Sequence[Part], same: Same) -> list[list[Group]]:
    """The stacks of each part.

    Args:
        parts: of the whole study.
        same: whether two slices hold the same image; is asked for a few.
    """
    piles = [Pile(part.slices) for part in parts]
    sources = _by_use(piles)
    return [
        _with_strays(part, _Separation(part.nature, sources, same).of(pile))
        for part, pile in zip(parts, piles, strict=True)
    ]


def _by_use(piles: Iterable[Pile]) -> tuple[Source, ...]:
    """The sources; first those that put most slices of the study to use, then the surest."""
    used: dict[str, float] = defaultdict(float)
    for pile in piles:
        for source in SOURCES:
            partition = best_partition(pile, source)
            used[source.name] += partition.score * len(pile.slices) if partition else 0.0
    most = max(used.values(), default=0.0) or 1.0
    return tuple(sorted(SOURCES, key=lambda source: -round(used[source.name] / most / EQUAL_SCORE)))


def _with_strays(part: Part, groups: list[Group]) -> list[Group]:
    """Strays stay with a part that is one stack; else they are a stack of their own, unless they are very few."""
    if not part.strays:
        return groups
    if len(groups) == 1 or len(part.strays) <= MAX_STRAYS:
        return [replace(groups[0], slices=groups[0].slices + part.strays), *groups[1:]]
    return [*groups, Group(part.strays, part.nature)]


@dataclass(frozen=True)
class _Separation:
    """The separation of one part of a series."""

    nature: Nature
    sources: tuple[Source, ...]
    same: Same

    def of(self, pile: Pile, told: Told | None = None) -> list[Group]:
        """The stacks of a pile, in order."""
        by_trait = self._by_trait(pile)
        if by_trait is not None:
            return [group for part in by_trait for group in self.of(Pile(part), told)]
        found = self._by_source(pile)
        if found is None and pile.depth > UNIQUE_DEPTH:
            return self._without_source(pile, told)
        if found is None:
            return [self._group(pile.slices, told)]
        return self._split(pile, *found)

    def _by_trait(self, pile: Pile) -> list[tuple[Slice, ...]] | None:
        if pile.depth < SEVERAL:
            return None
        for trait in _TRAITS:
            values = [repr(trait(image)) for image in pile.slices]
            _, labels = np.unique(values, return_inverse=True)
            if labels.max() > 0 and pile.all_cover(labels):
                return pile.groups(labels)
        return None

    def _by_source(self, pile: Pile) -> tuple[Source, Partition] | None:
        found = [
            (source, partition) for source in self.sources if (partition := best_partition(pile, source))
        ]
        best = max((partition.score for _, partition in found), default=0.0)
        source, partition = next(
            (pair for pair in found if pair[1].score >= best - EQUAL_SCORE), (None, None)
        )
        if source is None or partition is None or (source.weak and self._copies(pile)):
            return None
        return source, partition

    def _split(self, pile: Pile, source: Source, partition: Partition) -> list[Group]:
        groups = pile.groups(partition.labels)
        untagged = _left(pile, partition.labels)
        stacks: list[Group] = []
        for number, slices in enumerate(groups):
            key = None if source.identifies or source.weak else _key(partition, number)
            told = Told(source.name, number + 1, len(groups), key, len(pile.slices))
            stacks += self.of(Pile(slices), told)
        return [replace(stacks[0], untagged=stacks[0].untagged + untagged), *stacks[1:]]

    def _without_source(self, pile: Pile, told: Told | None) -> list[Group]:
        """Slices share places, and no source tells them apart."""
        if self._copies(pile):
            return [self._group(pile.slices, told)]
        labels = by_instances(pile, [_order(image) for image in pile.slices])
        if labels is None:
            return [replace(self._group(pile.slices, told), unclear=True)]
        groups, untagged = pile.groups(labels), _left(pile, labels)
        stacks = [
            self._group(slices, Told("", number, len(groups), None, len(pile.slices)))
            for number, slices in enumerate(groups, start=1)
        ]
        return [replace(stacks[0], untagged=untagged), *stacks[1:]]

    def _copies(self, pile: Pile) -> bool:
        """Whether slices that share a place hold the same image, as far as a few places show."""
        shared = np.flatnonzero(pile.counts > 1)
        chosen = shared[np.linspace(0, len(shared) - 1, min(SAMPLED_PLACES, len(shared))).astype(int)]
        for place in chosen:
            first, *others = (pile.slices[index] for index in np.flatnonzero(pile.places == place))
            if not all(self.same(first, other) for other in others):
                return False
        return True

    def _group(self, slices: tuple[Slice, ...], told: Told | None) -> Group:
        original = all(nature_of(image).original for image in slices)
        return Group(slices, replace(self.nature, original=original), told)


def _left(pile: Pile, labels: Labels) -> tuple[Slice, ...]:
    """The slices that are in no group."""
    return tuple(image for image, label in zip(pile.slices, labels, strict=True) if label < 0)


def _key(partition: Partition, number: int) -> float | str | None:
    value = partition.values[int(np.flatnonzero(partition.labels == number)[0])]
    return None if value is None else value.key


def _order(image: Slice) -> tuple[float, int, float]:
    """By instance number, then frame, then time; what is absent comes last."""
    time = image.phase_tags.content_time
    return (
        float("inf") if image.instance is None else image.instance,
        image.frame.index,
        float("inf") if time is None else time,
    )
