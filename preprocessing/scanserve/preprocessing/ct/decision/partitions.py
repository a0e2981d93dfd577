"""Groupings of a pile by one source: by its values as they stand, by clusters of them, or by their order.

Delays vary from heart beat to heart beat, so that one phase has several values; such values are clustered at the
widest gaps between them.  Where phases of fast beats overlap those of slow ones, the order of the values at each
place still tells the phases apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.decision.piles import UNIQUE_DEPTH, Labels, Pile
from scanserve.preprocessing.ct.decision.sources import PhaseValue, Source

__all__ = ["Partition", "best_partition", "by_instances"]

#: A grouping is worth it when it uses this fraction of the slices that a single stack would leave.
GAIN = 0.25
#: A grouping of this score uses every slice, and none is better.
PERFECT = 1 - 1e-9
#: Clusters that are tried at most.
MOST_CLUSTERS = 60
#: Fraction of the places that must hold the same number of slices before their order says anything.
ORDERED = 0.95
#: A shorter pile is no volume, and the order of its slices says nothing.
ORDERED_PLACES = 10


@dataclass(frozen=True, eq=False)
class Partition:
    """A grouping of a pile.

    Attributes:
        labels: the group of each slice.
        score: see :meth:`~scanserve.preprocessing.ct.decision.piles.Pile.score`.
        values: what the source states for each slice.
    """

    labels: Labels
    score: float
    values: tuple[PhaseValue | None, ...] = ()


def best_partition(pile: Pile, source: Source) -> Partition | None:
    """The grouping by ``source`` that makes most of the pile, or ``None`` where there is none worth it."""
    tags, said = pile.tags
    read = [source.read(of) for of in tags]
    if len({value.key for value in read if value is not None}) < 2:
        return None
    values = tuple(read[number] for number in said)
    if pile.depth <= UNIQUE_DEPTH and not source.interleaves:
        return None
    best: Partition | None = None
    for labels in _groupings(values, source, pile):
        partition = Partition(labels, pile.score(labels), values)
        better = best is None or partition.score > best.score + 1e-6
        if better and (_gains(pile, partition) or _interleaves(pile, partition, source)):
            best = partition
        if best is not None and best.score >= PERFECT:
            break
    return best


def _gains(pile: Pile, partition: Partition) -> bool:
    """Whether the grouping uses slices that a single stack would leave."""
    single = pile.single()
    return single < 1 and partition.score >= single + GAIN * (1 - single)


def _interleaves(pile: Pile, partition: Partition, source: Source) -> bool:
    """Whether the groups are phases though their slices share no places: regular stacks of values far apart."""
    labels = partition.labels
    if not source.interleaves or (labels >= 0).mean() < ORDERED or not pile.interleaved(labels):
        return False
    if not source.jitter:
        return True
    keys = np.array([np.nan if value is None else value.key for value in partition.values], float)
    ranges = sorted(
        (keys[labels == group].min(), keys[labels == group].max()) for group in range(labels.max() + 1)
    )
    return all(start - end > source.jitter for (_, end), (start, _) in pairwise(ranges))


def _groupings(values: Sequence[PhaseValue | None], source: Source, pile: Pile) -> Iterator[Labels]:
    """Groupings to choose from, the plainest first."""
    tagged = np.array([value is not None for value in values])
    keys = np.array([value.key for value in values if value is not None])
    distinct, exact = np.unique(keys, return_inverse=True)
    if len(distinct) <= len(values) // 2 or pile.extent() == 0:
        yield _spread(exact, tagged)
    if not source.jitter:
        return
    gaps, shared = np.diff(distinct), pile.depth > UNIQUE_DEPTH
    for count in range(min(len(distinct) - 1, MOST_CLUSTERS), 1, -1):
        edge = np.sort(gaps)[-(count - 1)]
        if shared or edge > source.jitter:
            cluster = np.concatenate([[0], np.cumsum(gaps >= edge)])
            yield _spread(cluster[exact], tagged)
    at_each_place = _by_order(pile, keys.tolist()) if tagged.all() else None
    if at_each_place is not None:
        yield at_each_place


def _spread(labels: Labels, tagged: npt.NDArray[np.bool_]) -> Labels:
    """Labels of the tagged slices as labels of all."""
    spread = np.full(len(tagged), -1, np.intp)
    spread[tagged] = labels
    return spread


def _by_order(pile: Pile, keys: Sequence[float]) -> Labels | None:
    """The k-th slice at each place is of the k-th group, or ``None`` where places hold unequal numbers of slices.

    Args:
        pile: of several slices a place.
        keys: by which the slices of a place are in order; equal ones say nothing.
    """
    layers = pile.layers
    if layers < 2 or len(pile.counts) < ORDERED_PLACES or (pile.counts == layers).mean() < ORDERED:
        return None
    order = sorted(range(len(keys)), key=lambda index: (pile.places[index], keys[index]))
    labels = np.full(len(keys), -1, np.intp)
    start, ties = 0, 0
    for count in pile.counts.tolist():
        members = order[start : start + count]
        start += count
        if count != layers:
            continue
        if len({keys[index] for index in members}) < count:
            ties += 1
        labels[members] = range(count)
    return labels if ties <= (1 - ORDERED) * len(pile.counts) else None


def by_instances(pile: Pile, keys: Sequence[tuple[float, ...]]) -> Labels | None:
    """The phases of a pile whose slices only the order of their instances tells apart, or ``None``.

    The k-th slice at each place is of the k-th phase, where phases are numbered one after the other or place by
    place; or each pass along the normal is a phase, which is known where slices are missing, too.
    """
    _, ranks = np.unique(np.array(keys), axis=0, return_inverse=True)
    labels = _by_order(pile, ranks.tolist())
    if labels is None:
        return _by_passes(pile, ranks)
    return labels if _one_by_one(ranks, labels) or _place_by_place(pile, ranks, labels) else None


def _one_by_one(ranks: Labels, labels: Labels) -> bool:
    """Whether the instances of each group come before all of the next."""
    groups = [ranks[labels == group] for group in range(labels.max() + 1)]
    return all(first.max() < second.min() for first, second in pairwise(groups))


def _place_by_place(pile: Pile, ranks: Labels, labels: Labels) -> bool:
    """Whether the instances of nearly every place follow each other."""
    first, last = (np.full(len(pile.counts), fill) for fill in (len(ranks), -1))
    np.minimum.at(first, pile.places[labels >= 0], ranks[labels >= 0])
    np.maximum.at(last, pile.places[labels >= 0], ranks[labels >= 0])
    return bool((last - first == labels.max()).mean() >= ORDERED)


def _by_passes(pile: Pile, ranks: Labels) -> Labels | None:
    if len(np.unique(ranks)) < ORDERED * len(ranks):
        return None
    order = np.lexsort((pile.positions, ranks))
    steps = np.diff(pile.positions[order])
    back = -np.sign(np.median(steps)) * steps > pile.extent() / 2
    labels = np.empty(len(ranks), np.intp)
    labels[order] = np.concatenate([[0], np.cumsum(back)])
    if len(pile.counts) < ORDERED_PLACES or labels.max() + 1 != pile.counts.max():
        return None
    return labels if _gains(pile, Partition(labels, pile.score(labels))) else None
