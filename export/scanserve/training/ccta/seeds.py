"""Disjoint splits of studies: training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.ccta import STAGE2_TRAINING_SEED, TEST_SEED, TRAINING_SEED, VALIDATION_SEED
from scanserve.phantoms.ccta import Ranges
from scanserve.phantoms.ccta.ranges import TEST as TEST_RANGES
from scanserve.phantoms.ccta.ranges import TRAINING

__all__ = ["TEST", "TRAIN", "TRAIN_STAGE2", "VALIDATION", "Split"]


@dataclass(frozen=True)
class Split:
    """A split: the folder of its annotated studies, the first seed of its phantoms and their population."""

    name: str
    first_seed: int
    ranges: Ranges = TRAINING


#: The default seed of ``scanserve phantom`` (7) is in no split.
TRAIN = Split("train", TRAINING_SEED)
#: Stage 2 is trained on maps of hearts that stage 1 never saw, which are as imperfect as those of new patients.
TRAIN_STAGE2 = Split("train", STAGE2_TRAINING_SEED)
VALIDATION = Split("validation", VALIDATION_SEED)
#: Patients and scans beyond the ranges of training.
TEST = Split("test", TEST_SEED, TEST_RANGES)
