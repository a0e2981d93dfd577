from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM  # noqa: E402
from scanserve.training.ccta.worlds import Scene, Tree, make_world  # noqa: E402
from scanserve.training.ccta.worlds.frame import HALF_MM, MIDDLE  # noqa: E402

pytestmark = pytest.mark.torch

POINTS = np.stack([np.linspace(-30, 30, 121), np.zeros(121), np.full(121, 12.0)], axis=1)


def scene(*, painted: bool = False, own: bool = True) -> Scene:
    hu = np.full((192, 192, 192), -80, np.int16)
    if painted:
        for z, y, x in np.rint(POINTS + 95.5).astype(int):
            hu[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2] = 700
    tree = Tree.still(POINTS, np.full(121, 1.5), np.zeros(121, int))
    return Scene(hu, np.full(3, 95.5), tree, own=own, painted=painted)


@pytest.mark.parametrize(("painted", "own"), [(False, True), (True, True), (False, False)])
def test_the_vessels_of_a_world_are_bright_where_its_points_are(painted: bool, own: bool) -> None:
    world = make_world(scene(painted=painted, own=own), np.random.default_rng(4))
    assert tuple(world.hu.shape) == WORKING_SHAPE
    assert len(world.points) == len(world.vessel) > 50
    assert (np.abs(world.points) < HALF_MM).all()
    index = np.rint(world.points / WORKING_SPACING_MM + MIDDLE).astype(int)
    hu = world.hu.numpy()
    inside = hu[tuple(index.T)]
    assert np.median(inside[inside > -1000]) > np.median(hu[hu > -1000]) + 60


def test_the_same_seed_is_the_same_world() -> None:
    first, again = (make_world(scene(), np.random.default_rng(9)) for _ in range(2))
    assert torch.equal(first.hu, again.hu)
    np.testing.assert_array_equal(first.points, again.points)
