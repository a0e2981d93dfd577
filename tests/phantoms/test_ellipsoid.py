import numpy as np
import pytest

from scanserve.phantoms.ellipsoid import Ellipsoid

BALL = Ellipsoid(np.array([1.0, 2.0, 3.0]), np.full(3, 10.0), np.eye(3))


def test_level_is_the_distance_over_the_radius_of_a_ball():
    assert BALL.level(np.array(1.0), np.array(2.0), np.array(3.0)) == 0
    assert BALL.level(np.array(11.0), np.array(2.0), np.array(3.0)) == pytest.approx(1)
    assert BALL.level(np.array(1.0), np.array(22.0), np.array(3.0)) == pytest.approx(2)


def test_exit_from_inside_outside_and_beside():
    points = np.array([[1.0, 2, 3], [6, 2, 3], [31, 2, 3], [1, 30, 3]])
    lengths = BALL.exit_mm(points, np.array([[1.0, 0, 0], [-1, 0, 0]]))
    assert lengths[:, 0] == pytest.approx([10, 5, 0, 0])
    assert lengths[:, 1] == pytest.approx([10, 15, 20, 0])


def test_half_size_is_that_of_the_turned_body():
    turn = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    body = Ellipsoid(np.zeros(3), np.array([1.0, 2, 3]), turn)
    assert body.half_size == pytest.approx([2, 1, 3])
    assert body.level(np.array(2.0), np.array(0.0), np.array(0.0)) == pytest.approx(1)
    assert body.grown(1).semi_axes == pytest.approx([2, 3, 4])
