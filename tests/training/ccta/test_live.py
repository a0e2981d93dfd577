from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import COARSE_SHAPE, VESSELS, WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta import live  # noqa: E402
from scanserve.training.ccta.heatmaps import prior_on  # noqa: E402
from scanserve.training.ccta.live import Pool, _on_patch, _rolled  # noqa: E402
from scanserve.training.ccta.worldbank import PATCH, tensors_of  # noqa: E402
from scanserve.training.ccta.worlds import World  # noqa: E402

pytestmark = pytest.mark.torch

CPU = torch.device("cpu")


class Silent(torch.nn.Module):
    """A stage 1 that sees nothing."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.full((1, len(VESSELS), *image.shape[2:]), -20.0)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    """Two worlds of one straight vessel, in a pool that stage 1 answered with nothing."""
    monkeypatch.setattr(live, "PATCHES", 2)
    line = np.stack([np.linspace(-50, 50, 201), np.zeros(201), np.zeros(201)], axis=1)
    world = World(torch.zeros(WORKING_SHAPE), line, np.zeros(201, int))
    rng = np.random.default_rng(0)
    made = Pool(2, CPU)
    for _ in range(3):
        made.add(tensors_of(world, rng, 2), Silent(), rng)
    return made


def test_a_batch_has_the_shapes_of_the_networks(pool: Pool) -> None:
    rng = np.random.default_rng(1)
    coarse, fine = pool.coarse(3, rng), pool.patches(4, rng)
    assert coarse["image"].shape == (3, 2, *COARSE_SHAPE)
    assert coarse["target"].shape == (3, len(VESSELS), *COARSE_SHAPE)
    assert float(coarse["target"].max()) > 0.8
    assert fine["image"].shape == (4, 2, PATCH, PATCH, PATCH)
    assert fine["target"].shape == (4, 1, PATCH, PATCH, PATCH)
    assert float(fine["image"][:, 0].abs().max()) <= 1


def test_a_new_sample_replaces_the_oldest(pool: Pool) -> None:
    assert (pool.made, pool.size, len(pool.data["coarse"])) == (3, 2, 2)


def test_the_prior_of_a_patch_is_the_one_of_the_other_trainer() -> None:
    rng = np.random.default_rng(2)
    coarse = rng.integers(0, 256, COARSE_SHAPE).astype(np.uint8)
    for corner in (np.array([0, 0, 0]), np.array([17, 40, 101]), np.array(WORKING_SHAPE) - PATCH):
        expected = prior_on(coarse, corner)[1:-1, 1:-1, 1:-1]
        found = _on_patch(torch.from_numpy(coarse).float() / 255, corner).numpy()[1:-1, 1:-1, 1:-1]
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_shift_moves_the_image_and_lets_zeros_in() -> None:
    image = torch.arange(1.0, 28).reshape(1, 3, 3, 3)
    moved = _rolled(image, [1, -1, 0])
    assert torch.equal(moved[0, 1:, :2], image[0, :2, 1:])
    assert not moved[0, 0].any()
    assert not moved[0, :, 2].any()
