from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import (  # noqa: E402
    COARSE_BLOCK,
    COARSE_SHAPE,
    COARSE_SPACING_MM,
    CROP_SPACING_MM,
    WORKING_SHAPE,
)
from scanserve.geometry import Grid, resample  # noqa: E402
from scanserve.training.ccta import variation  # noqa: E402
from scanserve.training.ccta.variation import coarse_pair, on_patch, prior_for, rolled, varied  # noqa: E402
from scanserve.training.ccta.worldbank import PATCH  # noqa: E402

pytestmark = pytest.mark.torch


def test_a_prior_lies_where_its_coarse_map_does() -> None:
    coarse = np.random.default_rng(2).random(COARSE_SHAPE, np.float32)
    middle = (COARSE_BLOCK - 1) / 2 * CROP_SPACING_MM
    grid = Grid(COARSE_SHAPE, (middle,) * 3, COARSE_SPACING_MM)
    for corner in (np.array([0, 0, 0]), np.array([17, 40, 101]), np.array(WORKING_SHAPE) - PATCH):
        patch = Grid((PATCH,) * 3, corner[::-1] * CROP_SPACING_MM, CROP_SPACING_MM)
        inner = (slice(1, -1),) * 3  # at the border of the grid, what lies outside differs
        expected = resample(coarse, grid, patch, outside=0.0)[inner]
        np.testing.assert_allclose(
            on_patch(torch.from_numpy(coarse), corner).numpy()[inner], expected, atol=1e-4
        )


def test_a_shift_moves_the_image_and_lets_zeros_in() -> None:
    image = torch.arange(1.0, 28).reshape(1, 3, 3, 3)
    moved = rolled(image, [1, -1, 0])
    assert torch.equal(moved[0, 1:, :2], image[0, :2, 1:])
    assert not moved[0, 0].any()
    assert not moved[0, :, 2].any()


def test_varied_images_stay_in_the_window() -> None:
    image = torch.linspace(-1, 1, 100)[None]
    found = [varied(image, np.random.default_rng(seed))[0] for seed in range(20)]
    assert all(float(one.abs().max()) <= 1 for one in found)
    assert len({float(one[50]) for one in found}) == 20


def test_a_true_map_is_weakened_but_never_stronger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variation, "REAL_PRIORS", 0.0)
    truth, corner = torch.full(COARSE_SHAPE, 255, dtype=torch.uint8), np.array([60, 60, 60])
    found = [prior_for(truth.float(), truth, corner, np.random.default_rng(seed)) for seed in range(40)]
    assert all(float(prior.min()) >= 0 and float(prior.max()) <= 1 for prior in found)
    assert any(float(prior.max()) == 0 for prior in found)  # sometimes stage 1 saw nothing
    assert any(float(prior.std()) > 0.1 for prior in found)  # sometimes only a part


def test_a_channel_is_blank_now_and_then() -> None:
    coarse = torch.full((2, 8, 8, 8), 200, dtype=torch.uint8)
    maps = torch.full((3, 8, 8, 8), 255, dtype=torch.uint8)
    found = [coarse_pair(coarse, maps, np.random.default_rng(seed))[0] for seed in range(60)]
    assert 0 < sum(bool((image[0] == -1).all()) for image in found) < 20
    assert 0 < sum(not image[1].any() for image in found) < 20
