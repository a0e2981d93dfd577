"""Which studies are for training, which for validation, which for the final test: they never meet."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.ccta import STAGE2_TRAINING_SEED, TEST_SEED, TRAINING_SEED, VALIDATION_SEED
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
TRAIN = Split("train", TRAINING_SEED)
#: Stage 2 learns from stage 1's maps of hearts that stage 1 never saw: those are as imperfect as on new patients.
TRAIN_STAGE2 = Split("train", STAGE2_TRAINING_SEED)
VALIDATION = Split("validation", VALIDATION_SEED)
#: Patients and scans beyond the ranges that training showed.
TEST = Split("test", TEST_SEED, TEST_RANGES)
