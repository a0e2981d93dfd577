import numpy as np
import pytest

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.measured import signed_distance
from scanserve.phantoms.ccta.routes import Routes, grooves

GRID = Grid.centred((60, 60, 80), 1.0)


def places() -> np.ndarray:
    x, y, z = np.meshgrid(*GRID.axes(), indexing="ij")
    return np.stack([x, y, z], -1).transpose(2, 1, 0, 3)


def two_balls() -> np.ndarray:
    """Balls of 12 mm, 20 mm apart along x: a waist at x = 0."""
    return np.min([np.linalg.norm(places() - [x, 0, 0], axis=-1) for x in (-10, 10)], axis=0) < 12


def test_the_waist_of_two_balls_is_a_groove_and_nothing_else_is():
    found = places()[grooves(two_balls(), 1.0)]
    assert len(found) > 50
    assert np.abs(found[:, 0]).max() < 6
    assert np.linalg.norm(found[:, 1:], axis=1).max() < 12
    assert not grooves(np.linalg.norm(places(), axis=-1) < 12, 1.0).any()


def test_controls_near_a_groove_move_into_it():
    body = two_balls()
    routes = Routes(GRID, signed_distance(body, 1.0), grooves(body, 1.0))
    moved = routes.snapped(np.array([4.0, 12.0, 0.0]))
    assert abs(moved[0]) < 3
    far = np.array([25.0, 10.0, 5.0])
    assert routes.snapped(far) == pytest.approx(far)
    away = routes.moved(np.array([100.0, 0, 0])).snapped(np.array([104.0, 12.0, 0.0]))
    assert away == pytest.approx(moved + np.array([100.0, 0, 0]))


def test_a_way_goes_round_a_wall_and_keeps_its_ends():
    wall = (np.abs(places()[..., 0]) < 3) & (places()[..., 1] < 5)
    routes = Routes(GRID, signed_distance(wall, 1.0), np.zeros(GRID.shape, bool))
    controls = np.array([[-10.0, -5, 0], [10.0, -5, 0]])
    route = routes.through(controls)
    assert route[[0, -1]] == pytest.approx(controls)
    assert route[:, 1].max() > 4


def test_controls_inside_a_wall_come_out_but_for_the_first():
    wall = np.linalg.norm(places(), axis=-1) < 4
    routes = Routes(GRID, signed_distance(wall, 1.0), np.zeros(GRID.shape, bool))
    route = routes.through(np.array([[0.0, 0, 3], [0, 0, 3.0]]))
    assert list(route[0]) == [0, 0, 3]
    assert 4 <= np.linalg.norm(route[-1]) < 6
