from __future__ import annotations

import pytest

pytest.importorskip("torch")
import itertools

from scanserve.training.ccta import RECIPES
from scanserve.training.ccta.seeds import TEST, TRAIN, TRAIN_STAGE2, VALIDATION

pytestmark = pytest.mark.torch


def test_no_recipe_draws_a_study_of_another_split() -> None:
    firsts = [split.first_seed for split in (TRAIN, TRAIN_STAGE2, VALIDATION, TEST)]
    most = max(recipe.studies for recipe in RECIPES.values())
    assert all(after - before > most for before, after in itertools.pairwise(firsts))


def test_the_test_population_is_wider_than_the_training_population() -> None:
    assert TRAIN.ranges == VALIDATION.ranges
    train, test = TRAIN.ranges.bolus.aorta, TEST.ranges.bolus.aorta
    assert test[0] < train[0]
    assert train[1] < test[1]
