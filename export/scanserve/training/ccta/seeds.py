"""Which studies are for training, which for validation, which for the final test: they never meet."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.phantoms.ccta import Ranges
from scanserve.phantoms.ccta.ranges import TEST as TEST_RANGES
from scanserve.phantoms.ccta.ranges import TRAINING

__all__ = ["TEST", "TRAIN", "TRAIN_STAGE2", "VALIDATION", "Split"]


@dataclass(frozen=True)
class Split:
    """A part of all studies: the folder of annotated ones, the first seed of phantoms and their population."""

    name: str
    first_seed: int
    ranges: Ranges = TRAINING


#: ``scanserve phantom``'s default seed (7) lies in none of them.
TRAIN = Split("train", 100_000)
#: Stage 2 learns from stage 1's maps of hearts that stage 1 never saw: those are as imperfect as on new patients.
TRAIN_STAGE2 = Split("train", 150_000)
VALIDATION = Split("validation", 200_000)
#: Patients and scans beyond the ranges that training showed.
TEST = Split("test", 300_000, TEST_RANGES)
