"""Disjoint splits of phantom films: training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.spine import TEST_SEED, TRAINING_SEED, VALIDATION_SEED

__all__ = ["TEST", "TRAIN", "VALIDATION", "Split"]


@dataclass(frozen=True)
class Split:
    """A split: its first seed, and its usual number of films."""

    first_seed: int
    films: int


TRAIN = Split(TRAINING_SEED, 4000)
VALIDATION = Split(VALIDATION_SEED, 64)
TEST = Split(TEST_SEED, 128)
