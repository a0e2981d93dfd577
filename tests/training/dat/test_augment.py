from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.training.dat.augment import SHIFT, vary

pytestmark = pytest.mark.torch


def _dot() -> np.ndarray:
    image = np.zeros((32, 32), np.float32)
    image[16, 12] = 1
    return image


def test_images_of_a_pair_stay_a_pair() -> None:
    first, second = vary(np.stack((_dot(), 3 * _dot())), np.random.default_rng(1))
    np.testing.assert_array_equal(3 * first, second)


def test_a_dot_moves_a_little_and_changes_sides() -> None:
    places = np.array([np.argwhere(vary(_dot(), np.random.default_rng(seed)) == 1)[0] for seed in range(200)])
    kept = places[:, 1] < 16
    assert 0.35 < kept.mean() < 0.65
    assert set(places[:, 0]) == set(range(16 - SHIFT, 16 + SHIFT + 1))
    assert set(places[kept, 1]) == set(range(12 - SHIFT, 12 + SHIFT + 1)) - {16}
    assert set(places[~kept, 1]) <= set(range(31 - 12 - SHIFT, 31 - 12 + SHIFT + 1)) | {16}


def test_no_empty_border_comes_in() -> None:
    image = np.full((32, 32), 0.5, np.float32)
    for seed in range(5):
        np.testing.assert_array_equal(vary(image, np.random.default_rng(seed)), image)
