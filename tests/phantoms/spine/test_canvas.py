import numpy as np
import pytest

from scanserve.phantoms.spine.canvas import Canvas, View, soft

VIEW = View(rows=100, columns=60, scale=10.0, x=30.0, y=20.0)


def test_pixels_of_points_and_back():
    assert VIEW.pixels(np.array([[0, 0], [1, 2]])).tolist() == [[30, 20], [40, 40]]
    x, y = VIEW.axes()
    assert (x[30], y[20], x[40]) == (0, 0, 1)


def test_an_ellipse_lies_where_it_should():
    canvas = Canvas(VIEW)
    canvas.ellipse((0.0, 2.0), (1.0, 0.5), 3.0)
    assert canvas.values[40, 30] == 3
    assert canvas.values[40, 39] > 0
    assert canvas.values[40, 45] == canvas.values[47, 30] == 0
    assert canvas.values.sum() == pytest.approx(3 * np.pi * 10 * 5, rel=0.05)


def test_what_lies_outside_is_nothing():
    canvas = Canvas(VIEW)
    canvas.ellipse((50.0, 50.0), (1.0, 1.0), 1.0)
    canvas.stroke(np.array([[50.0, 50.0], [60.0, 60.0]]), 0.2, 1.0)
    canvas.polygon(np.array([[50.0, 50.0], [60.0, 60.0], [50.0, 60.0]]), 1.0)
    assert not canvas.values.any()


def test_a_stroke_has_its_width_and_its_rims():
    canvas = Canvas(VIEW)
    canvas.stroke(np.array([[-2.0, 2.0], [2.0, 2.0]]), 1.0, 1.0, rim=0.5)
    column = canvas.values[:, 30]
    assert (column > 0).sum() in (10, 11)
    assert column[40] == pytest.approx(1.0)
    assert column.max() == pytest.approx(1.5)


def test_a_soft_edge_is_one_unit_wide():
    assert soft(np.array([-1.0, -0.5, 0.0, 0.5, 1.0])).tolist() == [0, 0, 0.5, 1, 1]
