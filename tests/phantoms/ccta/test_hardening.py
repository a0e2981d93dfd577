import numpy as np
import pytest

from scanserve.phantoms.ccta import Anatomy, Grid
from scanserve.phantoms.ccta.dense import streaks_of
from scanserve.phantoms.ccta.hardening import Streak, darken_grid, darken_points

ALONG_X = Streak((0.0, 0.0, 0.0), 2.0, 3.0, 100.0, 0.0)


def at(streak: Streak, *points) -> np.ndarray:
    hu = np.zeros(len(points), np.float32)
    darken_points(hu, np.asarray(points, np.float32), (streak,))
    return hu


def test_a_streak_is_darkest_at_the_edge_and_falls():
    edge, half, far, beyond = at(ALONG_X, (2, 0, 0), (8, 0, 0), (12, 0, 0), (40, 0, 0))
    assert edge == pytest.approx(-100, rel=1e-3)
    assert half == pytest.approx(-100 / 2 * np.exp(-6 / 25), rel=1e-3)
    assert edge < half < far < 0 == beyond


def test_across_it_is_brighter_and_elsewhere_nothing():
    across, above = at(ALONG_X, (0, 2, 0), (2, 0, 5))
    assert across == pytest.approx(20, rel=1e-2)
    assert above == 0


def test_grid_and_points_agree():
    grid = Grid.centred((12, 20, 22), (1.5, 1.5, 1.0), (3, -4, 1))
    hu = np.zeros(grid.shape, np.float32)
    darken_grid(hu, grid, (ALONG_X,))
    x, y, z = np.meshgrid(*grid.axes(), indexing="ij")
    places = np.stack([x, y, z], -1).transpose(2, 1, 0, 3).reshape(-1, 3)
    assert hu.ravel() == pytest.approx(at(ALONG_X, *places), abs=1e-3)


def test_plain_patients_have_none():
    assert streaks_of(Anatomy.sample(7), 50) == ()
