from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta.worlds.clutter import LEVEL_HU, add_clutter, add_lung_vessels  # noqa: E402

pytestmark = pytest.mark.torch


def test_clutter_is_small_bright_and_the_same_for_the_same_seed() -> None:
    drawn = [torch.full(WORKING_SHAPE, -80.0) for _ in range(2)]
    for image in drawn:
        add_clutter(image, np.random.default_rng(11))
    images = [image.numpy() for image in drawn]
    np.testing.assert_array_equal(*images)
    changed = images[0] != -80
    assert 0 < changed.mean() < 0.1
    assert images[0].max() <= 1.3 * LEVEL_HU[1]
    assert images[0].min() >= -80


def test_vessels_of_the_lung_begin_in_the_lung() -> None:
    hu = torch.full(WORKING_SHAPE, 40.0)
    add_lung_vessels(hu, np.random.default_rng(2))
    assert (hu == 40).all()
    hu[:96] = -850
    before = hu.clone()
    add_lung_vessels(hu, np.random.default_rng(2))
    changed = hu != before
    assert changed[:96].sum() > changed[96:].sum()
    assert float(hu.max()) <= LEVEL_HU[1]
