"""Which phantom seeds are for training, which for validation, which for the final test: they never meet."""

from __future__ import annotations

__all__ = ["TEST", "TRAIN", "TRAIN_STAGE2", "VALIDATION"]

#: First seeds of each split; ``scanserve phantom`` defaults (7) lie in none of them.
TRAIN = 100_000
#: Stage 2 learns from stage 1's maps of hearts that stage 1 never saw: those are as imperfect as on new patients.
TRAIN_STAGE2 = 150_000
VALIDATION = 200_000
TEST = 300_000
