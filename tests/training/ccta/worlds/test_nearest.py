from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.training.ccta.worlds.nearest import STEP, nearest  # noqa: E402

pytestmark = pytest.mark.torch

CPU = torch.device("cpu")


def test_it_agrees_with_all_distances() -> None:
    rng = np.random.default_rng(0)
    shape, reach = (14, 15, 16), 4.0
    centres, radii = rng.uniform(-2, 17, (30, 3)), rng.uniform(0, 2, 30)
    near = nearest(centres, radii, reach, shape, CPU)
    voxels = np.stack(np.indices(shape), axis=-1).reshape(-1, 3)
    distance = np.linalg.norm(voxels[:, None] - centres, axis=2)
    depth = np.where(distance <= reach, radii - distance, -np.inf)
    np.testing.assert_array_equal(near.flat.numpy(), np.flatnonzero(np.isfinite(depth.max(axis=1))))
    np.testing.assert_allclose(near.depth.numpy(), depth.max(axis=1)[near.flat], atol=2 * STEP)
    chosen = depth[near.flat, near.sphere.numpy()]
    np.testing.assert_allclose(chosen, depth.max(axis=1)[near.flat], atol=2 * STEP)


@pytest.mark.parametrize("centres", [np.zeros((0, 3)), np.full((3, 3), 500.0)])
def test_spheres_that_are_not_there_reach_nothing(centres: np.ndarray) -> None:
    assert not len(nearest(centres, np.ones(len(centres)), 3.0, (8, 8, 8), CPU).flat)


def test_many_spheres_are_written_in_parts() -> None:
    line = np.stack([np.linspace(1, 14, 1500), np.full(1500, 8.0), np.full(1500, 8.0)], axis=1)
    near = nearest(line, np.zeros(1500), 2.0, (16, 16, 16), CPU)
    assert float(near.depth.max()) == pytest.approx(0, abs=0.01)
    assert int(near.sphere.max()) > 1024
