"""A pile of slices: which of them share a place, and how well a grouping makes single stacks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.arrangement import SAME_POSITION_MM
from scanserve.preprocessing.ct.phase_tags import PhaseTags
from scanserve.preprocessing.ct.slices import Slice, normal_positions

__all__ = ["UNIQUE_DEPTH", "Labels", "Pile"]

#: Slices per place up to which a pile is one stack; the few others are repeats.
UNIQUE_DEPTH = 1.02
#: A group covers its pile when it reaches over this fraction of its extent ...
COVERING = 0.8
#: ... and lacks at most this many slices for each that it has.
HOLES = 0.25
#: The extent of a pile is that of its middle 96 %, so that a stray slice does not stretch it.
EXTENT_PERCENTILES = (2, 98)
#: Gaps of an interleaved stack are multiples of its spacing within this fraction of it.
REGULAR = 0.25
#: An incomplete group counts for this much of a complete one.
INCOMPLETE = 0.5

#: The group of each slice, from 0; -1 for a slice in none.
Labels = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pile:
    """Slices of one layout that may hold several stacks."""

    slices: tuple[Slice, ...]

    @cached_property
    def tags(self) -> tuple[tuple[PhaseTags, ...], tuple[int, ...]]:
        """What the slices say of their phases, each once, and which of that each slice says."""
        numbers: dict[PhaseTags, int] = {}
        said = tuple(numbers.setdefault(image.phase_tags, len(numbers)) for image in self.slices)
        return tuple(numbers), said

    @cached_property
    def positions(self) -> FloatArray:
        """Along the normal, mm."""
        return normal_positions(self.slices)

    @cached_property
    def places(self) -> Labels:
        """The number of each slice's place, counted along the normal."""
        order = np.argsort(self.positions, kind="stable")
        places = np.empty(len(order), np.intp)
        places[order] = np.concatenate([[0], np.cumsum(np.diff(self.positions[order]) >= SAME_POSITION_MM)])
        return places

    @cached_property
    def counts(self) -> Labels:
        """Slices at each place."""
        return np.bincount(self.places)

    @property
    def depth(self) -> float:
        """Slices per place."""
        return len(self.slices) / len(self.counts)

    @property
    def layers(self) -> int:
        """How many slices most places hold."""
        return int(np.bincount(self.counts).argmax())

    def extent(self, chosen: npt.NDArray[np.bool_] | slice = slice(None)) -> float:
        """How far the chosen slices reach along the normal, mm, without stray ones."""
        low, high = np.percentile(self.positions[chosen], EXTENT_PERCENTILES)
        return float(high - low)

    def groups(self, labels: Labels) -> list[tuple[Slice, ...]]:
        """The slices of each group, in the order of the labels; those of none are left out."""
        groups: list[list[Slice]] = [[] for _ in range(labels.max(initial=-1) + 1)]
        for image, label in zip(self.slices, labels.tolist(), strict=True):
            if label >= 0:
                groups[label].append(image)
        return [tuple(group) for group in groups]

    def single(self) -> float:
        """The fraction of the slices that would be used if the pile were one stack."""
        return len(self.counts) / len(self.slices)

    def score(self, labels: Labels) -> float:
        """How well a grouping makes stacks: the fraction of the slices that it puts to use.

        Slices count once per place, in groups that cover the pile; in others half.  0 where no group covers it.
        """
        total, covering, extent = 0.0, False, self.extent(labels >= 0)
        for group in range(labels.max(initial=-1) + 1):
            places = self._distinct(labels == group)
            covers = _covers(places, extent)
            covering |= covers
            total += len(places) * (1 if covers else INCOMPLETE)
        return total / len(self.slices) if covering else 0.0

    def all_cover(self, labels: Sequence[int] | Labels) -> bool:
        """Whether every group covers the pile."""
        labels, extent = np.asarray(labels), self.extent()
        return all(_covers(self._distinct(labels == group), extent) for group in range(labels.max() + 1))

    def interleaved(self, labels: Labels) -> bool:
        """Whether every group is a regular stack that covers the pile, though no two slices share a place."""
        groups = [self._distinct(labels == group) for group in range(labels.max() + 1)]
        extent = self.extent(labels >= 0)
        return all(len(group) > 2 and _covers(group, extent) and _regular(group) for group in groups)

    def _distinct(self, chosen: npt.NDArray[np.bool_]) -> FloatArray:
        """Positions of the places that hold a chosen slice, in order."""
        _, first = np.unique(self.places[chosen], return_index=True)
        return self.positions[chosen][first]


def _covers(positions: FloatArray, extent: float) -> bool:
    """Whether slices at ``positions`` (in order) reach over ``extent`` mm without many holes."""
    if len(positions) < 2:
        return len(positions) == 1 and extent == 0
    gaps = np.diff(positions)
    holes = np.maximum(np.rint(gaps / np.median(gaps)) - 1, 0).sum()
    return bool(positions[-1] - positions[0] >= COVERING * extent and holes <= HOLES * len(positions))


def _regular(positions: FloatArray) -> bool:
    steps = np.diff(positions) / np.median(np.diff(positions))
    return bool((np.abs(steps - np.rint(steps)) <= REGULAR).mean() > 0.9)
