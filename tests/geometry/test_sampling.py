import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from scanserve.geometry import Grid, HeatMap
from scanserve.geometry.sampling import resample, sample, trilinear

RNG = np.random.default_rng(0)
GRID = RNG.integers(-1024, 3071, (7, 9, 11)).astype(np.int16)


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.float32])
def test_peer_scipy(dtype):
    grid = (GRID % 200).astype(dtype)
    index = RNG.uniform(0, np.array(grid.shape) - 1, (5, 40, 3))
    expected = map_coordinates(grid.astype(float), index.reshape(-1, 3).T, order=1).reshape(5, 40)
    np.testing.assert_allclose(trilinear(grid, index, 0), expected, atol=2e-3)


def test_voxel_centres_are_exact():
    index = np.argwhere(np.ones_like(GRID))
    assert trilinear(GRID, index, 0).astype(np.int16).tolist() == GRID.ravel().tolist()


def test_linear_functions_are_exact():
    z, y, x = np.indices((6, 7, 8))
    index = RNG.uniform(0, [5, 6, 7], (100, 3))
    np.testing.assert_allclose(trilinear(3 * z - 2 * y + x, index, 0), index @ [3, -2, 1], atol=1e-4)


@pytest.mark.parametrize("beyond", [(-0.01, 1, 1), (1, 8.01, 1), (1, 1, 99), (-5, -5, -5)])
def test_outside_is_the_given_value(beyond):
    assert trilinear(GRID, np.array(beyond, dtype=float), -77) == -77


def test_rounding_at_the_edge_is_inside():
    assert trilinear(GRID, np.array([6 + 1e-7, 8, 10]), 5) == GRID[-1, -1, -1]


def test_one_voxel_and_none():
    assert trilinear(GRID[:1, :1, :1], np.zeros((1, 3)), 0).tolist() == [GRID[0, 0, 0]]
    assert trilinear(GRID, np.empty((0, 4, 3)), 0).shape == (0, 4)


def test_views_are_sampled_as_they_look():
    view = GRID[::2, ::-1, 1:]
    index = RNG.uniform(0, np.array(view.shape) - 1, (30, 3))
    np.testing.assert_array_equal(trilinear(view, index, 0), trilinear(view.copy(), index, 0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_edges_go_on_without_a_value_for_outside(dtype):
    index = np.array([[-9.0, 4, 5], [6, 99, 10], [3, 4, 12.5]])
    found = trilinear(GRID, index, None, dtype)
    assert found.dtype == dtype
    assert found.tolist() == [GRID[0, 4, 5], GRID[6, 8, 10], GRID[3, 4, 10]]


@pytest.mark.parametrize(("outside", "mode"), [(None, "nearest"), (-77.0, "constant")])
def test_double_precision_is_that_of_scipy(outside, mode):
    values = RNG.normal(size=(7, 9, 11))
    index = RNG.uniform(-3, np.array(values.shape) + 2, (400, 3))
    expected = map_coordinates(values, index.T, order=1, mode=mode, cval=outside or 0.0)
    np.testing.assert_allclose(trilinear(values, index, outside, np.float64), expected, atol=1e-12)


def test_an_image_is_sampled_where_it_lies():
    heatmap = HeatMap.at((GRID % 200).astype(np.uint8), (5, -3, 20), (0.5, 0.7, 0.9))
    points = heatmap.grid.to_lps(RNG.uniform(0, np.array(GRID.shape) - 1, (30, 3)))
    expected = trilinear(heatmap.values, heatmap.grid.to_index(points), 0.0)
    np.testing.assert_array_equal(sample(heatmap, points, 0.0), expected)


@pytest.mark.parametrize("outside", [None, -5.0])
def test_resampling_is_sampling_at_every_voxel(outside):
    source = Grid(GRID.shape, (1, 2, 3), (0.5, 0.7, 0.9))
    target = Grid.centred((6, 8, 10), (0.61, 0.83, 1.1), source.centre)
    expected = trilinear(GRID, source.to_index(target.points()), outside, np.float64)
    np.testing.assert_allclose(resample(GRID, source, target, outside), expected, atol=2e-3)


def test_resampling_on_the_same_grid_changes_nothing():
    grid = Grid(GRID.shape, (1, 2, 3), (0.5, 0.7, 0.9))
    np.testing.assert_array_equal(resample(GRID, grid, grid, None), GRID)
