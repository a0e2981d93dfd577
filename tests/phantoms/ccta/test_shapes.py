import numpy as np
import pytest

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.canvas import GridCanvas, PointCanvas
from scanserve.phantoms.ccta.shapes import Capsule, Cylinder, Ribs, Vertebrae, tube
from scanserve.phantoms.ellipsoid import Ellipsoid


def _at(shape, *points):
    x, y, z = np.asarray(points, np.float32).T
    return shape.distance(x, y, z)


def test_sphere_is_exact():
    ball = Ellipsoid(np.array([1.0, 2, 3]), np.array([5.0, 5, 5]), np.eye(3))
    assert _at(ball, (1, 2, 8), (1, 2, 13), (4, 2, 3)) == pytest.approx([0, 5, -2], abs=1e-4)


def test_ellipsoid_is_zero_on_its_surface_and_boxed():
    turn = np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]])
    egg = Ellipsoid(np.zeros(3), np.array([10.0, 5, 3]), turn)
    assert _at(egg, 10 * turn[0], 5 * turn[1], 3 * turn[2]) == pytest.approx(0, abs=1e-4)
    low, high = egg.bounds()
    assert high == pytest.approx([np.hypot(6, 4), np.hypot(8, 3), 3])
    assert low == pytest.approx(-high)


def test_capsule_tapers():
    cone = Capsule(np.zeros(3), np.array([0, 0, 10.0]), 2.0, 1.0)
    assert _at(cone, (2, 0, 0), (1.5, 0, 5), (1, 0, 10), (0, 0, -3)) == pytest.approx([0, 0, 0, 1], abs=1e-5)


def test_tube_is_the_union_of_its_capsules():
    bent = tube(np.array([[0, 0, 0], [10, 0, 0], [10, 10, 0]], float), 1.0)
    assert _at(bent, (5, 1, 0), (10, 5, 1), (5, 5, 0)) == pytest.approx([0, 0, 4], abs=1e-5)


def test_ribs_and_vertebrae_repeat():
    ring = Cylinder(0, 0, 50, 40)
    ribs = Ribs(ring, 30, 0, 0.4, 3, 5)
    assert _at(ribs, (50, 0, 0)) == pytest.approx(_at(ribs, (50, 0, 30)))
    assert _at(ribs, (50, 0, 15))[0] > 0 > _at(ribs, (50, 0, 0))[0]
    spine = Vertebrae(Cylinder(0, 0, 18, 14), 27, 22, 0)
    assert _at(spine, (0, 0, 0))[0] < 0 < _at(spine, (0, 0, 13.5))[0]


def test_grid_and_points_are_painted_alike():
    grid = Grid.centred((9, 10, 11), 1.0)
    ball = Ellipsoid(np.zeros(3), np.array([3.0, 2, 4]), np.eye(3))
    on_grid = GridCanvas(grid, 0.0)
    x, y, z = np.meshgrid(*grid.axes(), indexing="ij")
    free = PointCanvas(np.stack([x, y, z], -1).transpose(2, 1, 0, 3).reshape(-1, 3), 0.0)
    for canvas in (on_grid, free):
        canvas.paint(ball, 100.0, 1.0, 0.3)
    assert free.hu.reshape(grid.shape) == pytest.approx(on_grid.hu)
    assert on_grid.hu.max() == 100.0
    assert on_grid.hu.min() == 0.0
