from __future__ import annotations

from itertools import pairwise

import pytest

pytest.importorskip("torch")
from scanserve.training.spine.seeds import TEST, TRAIN, VALIDATION

pytestmark = pytest.mark.torch


def test_splits_do_not_overlap() -> None:
    splits = sorted((TRAIN, VALIDATION, TEST), key=lambda split: split.first_seed)
    for first, second in pairwise(splits):
        assert first.first_seed + 10 * first.films <= second.first_seed
