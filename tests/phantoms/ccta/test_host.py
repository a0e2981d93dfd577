import numpy as np
import pytest

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.host import AIR_HU, HOST_SHAPE, HOST_SPACING, Host
from scanserve.phantoms.ccta.ranges import TRAINING
from scanserve.phantoms.ccta.walls import phantom_walls

CT = Grid.centred((30, 40, 50), (3.0, 2.0, 1.5), (5, -5, 2))
SLOPE = np.array([1.0, -2.0, 3.0])


@pytest.fixture(scope="module")
def host() -> Host:
    """A CT whose HU rise along a plane."""
    anatomy = Anatomy.sample(7)
    x, y, z = np.meshgrid(*CT.axes(), indexing="ij")
    hu = (np.stack([x, y, z], -1) @ SLOPE).transpose(2, 1, 0).astype(np.float32)
    walls = phantom_walls(anatomy.pose, anatomy.sizes, anatomy.contraction(0))
    return Host(hu, CT, anatomy.pose, walls, 400.0, -90.0, "0123")


def test_a_plane_stays_a_plane_on_any_grid(host):
    grid = Grid.centred((9, 10, 11), (0.5, 0.6, 0.7), (4, -4, 1))
    x, y, z = np.meshgrid(*grid.axes(), indexing="ij")
    wanted = (np.stack([x, y, z], -1) @ SLOPE).transpose(2, 1, 0)
    assert host.background(grid) == pytest.approx(wanted, abs=0.05)
    shift = np.array([1.0, 2.0, 0.0])
    assert host.background(grid, shift) == pytest.approx(wanted - SLOPE @ shift, abs=0.05)


def test_points_and_grid_agree_and_beyond_the_ct_is_air(host):
    grid = Grid.centred((4, 5, 6), 2.0)
    x, y, z = np.meshgrid(*grid.axes(), indexing="ij")
    points = np.stack([x, y, z], -1).transpose(2, 1, 0, 3).reshape(-1, 3)
    assert host.background_points(points) == pytest.approx(host.background(grid).ravel(), abs=1e-2)
    assert host.background_points(np.array([[500.0, 0, 0]])) == AIR_HU


def test_the_study_lies_around_the_vessels_but_inside_the_ct(host):
    grid = host.study_grid(np.array([[-20.0, 0, 0], [40, 10, 5]]))
    assert (grid.shape, tuple(grid.spacing)) == (HOST_SHAPE, HOST_SPACING)
    assert grid.centre == pytest.approx([5, -5, 2], abs=5.1)


def test_a_real_chest_gets_neither_lead_nor_mammary_arteries(host):
    decoys = host.ranges(TRAINING).decoys
    assert (decoys.lead_chance, decoys.mammary_chance) == (0, 0)
    assert decoys.vein_chance == TRAINING.decoys.vein_chance
