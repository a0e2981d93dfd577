"""Which phantom patients are for training, which for validation, which for the final test: they never meet."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.dat import TEST_SEED, TRAINING_SEED, VALIDATION_SEED

__all__ = ["TEST", "TRAIN", "VALIDATION", "Split"]


@dataclass(frozen=True)
class Split:
    """A part of all patients: its first seed, and how many there are as published."""

    first_seed: int
    patients: int


TRAIN = Split(TRAINING_SEED, 120)
VALIDATION = Split(VALIDATION_SEED, 37)
TEST = Split(TEST_SEED, 50)
