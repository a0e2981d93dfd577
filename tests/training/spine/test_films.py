from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.training.spine.films import FILM_SHAPE, fitted, make_training_film

pytestmark = pytest.mark.torch


def test_a_small_film_is_padded() -> None:
    points = np.full((68, 2), 10.0)
    item = fitted(np.ones((100, 50), np.float32), points)
    assert item["film"].shape == FILM_SHAPE
    assert item["film"][:100, :50].min() == 255
    assert not item["film"][100:].any()
    assert item["size"].tolist() == [100, 50]
    np.testing.assert_array_equal(item["points"], points)


def test_a_wide_film_is_cut_around_the_spine() -> None:
    grey = np.zeros((300, 1000), np.float32)
    grey[:, 700] = 1
    item = fitted(grey, np.full((68, 2), 700.0))
    assert item["size"].tolist() == [300, FILM_SHAPE[1]]
    column = int(item["points"][0, 0])
    assert item["film"][0, column] == 255


def test_the_film_of_a_seed_is_always_the_same() -> None:
    first, second = make_training_film(12), make_training_film(12)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


def test_both_kinds_of_film_are_made() -> None:
    sizes = {tuple(make_training_film(seed)["size"]) == FILM_SHAPE for seed in range(8)}
    assert sizes == {True, False}
