"""Which phantom patients are for training, which for validation, which for the final test: they never meet."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TEST", "TRAIN", "VALIDATION", "Split"]


@dataclass(frozen=True)
class Split:
    """A part of all patients: its first seed, and how many there are as published."""

    first_seed: int
    patients: int


TRAIN = Split(400_000, 120)
VALIDATION = Split(410_000, 37)
TEST = Split(420_000, 50)
