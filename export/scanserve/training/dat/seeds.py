"""Disjoint splits of phantom patients: training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.dat import TEST_SEED, TRAINING_SEED, VALIDATION_SEED

__all__ = ["TEST", "TRAIN", "VALIDATION", "Split"]


@dataclass(frozen=True)
class Split:
    """A split: its first seed, and the published number of patients."""

    first_seed: int
    patients: int


TRAIN = Split(TRAINING_SEED, 120)
VALIDATION = Split(VALIDATION_SEED, 37)
TEST = Split(TEST_SEED, 50)
