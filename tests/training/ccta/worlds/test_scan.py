from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta.worlds.scan import CUT_VOXELS, NOISE_HU, cut, scanned  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_as_strong_as_drawn(seed: int) -> None:
    image = scanned(torch.zeros(48, 48, 48), np.random.default_rng(seed)).numpy()
    assert 0.9 * NOISE_HU[0] < image.std() < 1.1 * NOISE_HU[1]


@pytest.mark.parametrize("seed", range(8))
def test_a_cut_field_of_view_is_a_box_that_holds_the_middle(seed: int) -> None:
    inside = cut(np.random.default_rng(seed), torch.device("cpu")).numpy()
    lengths = [np.flatnonzero(inside.any(axis=tuple(a for a in range(3) if a != axis))) for axis in range(3)]
    assert inside.sum() == np.prod([len(axis) for axis in lengths])
    assert all(axis[0] < CUT_VOXELS and axis[-1] >= WORKING_SHAPE[0] - CUT_VOXELS for axis in lengths)
