from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta.worlds.clutter import LEVEL_HU, add_clutter  # noqa: E402

pytestmark = pytest.mark.torch


def test_clutter_is_small_bright_and_the_same_for_the_same_seed() -> None:
    images = [np.full(WORKING_SHAPE, -80, np.float32) for _ in range(2)]
    for image in images:
        add_clutter(image, np.random.default_rng(11))
    np.testing.assert_array_equal(*images)
    changed = images[0] != -80
    assert 0 < changed.mean() < 0.1
    assert images[0].max() <= 1.3 * LEVEL_HU[1]
    assert images[0].min() >= -80
