from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import COARSE_SHAPE, VESSELS, WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta import live  # noqa: E402
from scanserve.training.ccta.live import Pool  # noqa: E402
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
