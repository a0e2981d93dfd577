"""Which phantom seeds are for training, which for validation, which for the final test: they never meet."""

from __future__ import annotations

__all__ = ["TEST", "TRAIN", "VALIDATION"]

#: First seeds of each split; ``scanserve phantom`` defaults (7) lie in none of them.
TRAIN = 100_000
VALIDATION = 200_000
TEST = 300_000
