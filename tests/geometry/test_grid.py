import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scanserve.contracts import InputError
from scanserve.geometry import Grid

millimetres = st.floats(-500, 500)
vectors = arrays(np.float64, 3, elements=millimetres)
spacings = arrays(np.float64, 3, elements=st.floats(0.1, 10))
shapes = st.tuples(*[st.integers(1, 40)] * 3)
grids = st.builds(Grid, shapes, vectors, spacings)


def test_positions_are_xyz_of_zyx():
    grid = Grid((3, 4, 5), (10, 20, 30), (0.5, 1, 2))
    assert grid.to_lps([1, 2, 3]).tolist() == [11.5, 22, 32]
    assert grid.to_index([[11.5, 22, 32]]).tolist() == [[1, 2, 3]]


@settings(deadline=None)
@given(grids, arrays(np.float64, (4, 3), elements=millimetres))
def test_index_and_position_are_inverse(grid, points):
    np.testing.assert_allclose(grid.to_lps(grid.to_index(points)), points, atol=1e-9)


@settings(deadline=None)
@given(shapes, spacings, vectors)
def test_a_centred_grid_has_its_middle_there(shape, spacing, centre):
    grid = Grid.centred(shape, spacing, centre)
    np.testing.assert_allclose(grid.centre, centre, atol=1e-9)
    np.testing.assert_allclose(grid.to_index(centre), (np.array(shape) - 1) / 2, atol=1e-7)
    low, high = grid.bounds()
    np.testing.assert_allclose((low + high) / 2, centre, atol=1e-9)


def test_centred_grid_is_symmetric():
    grid = Grid.centred((4, 6, 8), (1.0, 2.0, 3.0), (10, 20, 30))
    for axis, middle in zip(grid.axes(), (10, 20, 30), strict=True):
        assert axis.mean() == pytest.approx(middle)
    assert [len(axis) for axis in grid.axes()] == [8, 6, 4]
    assert np.diff(grid.axes()[2]) == pytest.approx(3.0)


@settings(deadline=None)
@given(grids)
def test_size_is_that_of_all_voxels(grid):
    low, high = grid.bounds()
    np.testing.assert_allclose(grid.size_mm, high - low + grid.spacing, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.builds(Grid, st.tuples(*[st.integers(1, 6)] * 3), vectors, spacings))
def test_points_axes_and_indices_agree(grid):
    points = grid.points()
    assert points.shape == (*grid.shape, 3)
    np.testing.assert_array_equal(grid.nearest(points), np.moveaxis(np.indices(grid.shape), 0, -1))
    x, y, z = grid.axes()
    np.testing.assert_array_equal(points[0, 0, :, 0].astype(np.float32), x)
    np.testing.assert_array_equal(points[0, :, 0, 1].astype(np.float32), y)
    np.testing.assert_array_equal(points[:, 0, 0, 2].astype(np.float32), z)


def test_the_nearest_voxel_beyond_the_edge_is_on_it():
    grid = Grid((3, 4, 5), (0, 0, 0), 2.0)
    assert grid.nearest([[2.9, 3.1, 99], [-5, 0, 0]]).tolist() == [[2, 2, 1], [0, 0, 0]]


@settings(deadline=None)
@given(grids, vectors)
def test_moving_moves_every_position(grid, shift):
    np.testing.assert_allclose(grid.moved(shift).to_lps([1, 2, 3]), grid.to_lps([1, 2, 3]) + shift, atol=1e-9)


def test_grids_of_the_same_numbers_are_equal():
    grid = Grid((2, 3, 4), (0, 0, 1), 1.5)
    assert grid == Grid((2, 3, 4), np.array([0.0, 0, 1]), (1.5, 1.5, 1.5))
    assert hash(grid) == hash(Grid((2, 3, 4), (0, 0, 1), 1.5))
    assert grid != grid.moved((0, 0, 1))
    assert grid != (2, 3, 4)


def test_a_grid_does_not_change():
    origin = np.zeros(3)
    grid = Grid((2, 3, 4), origin, 1.0)
    origin += 1
    assert grid.origin.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        grid.spacing[0] = 2


@pytest.mark.parametrize("spacing", [(1, 1), (1, 1, 0), (-1, 1, 1), (1, np.nan, 1), 0])
def test_invalid_spacing_is_refused(spacing):
    with pytest.raises(InputError) as caught:
        Grid((2, 2, 2), (0, 0, 0), spacing)
    assert caught.value.code == "grid-invalid"


@pytest.mark.parametrize(
    ("shape", "origin"),
    [((2, 2), (0, 0, 0)), ((2, 0, 2), (0, 0, 0)), ((2, 1.5, 2), (0, 0, 0)), ((2, 2, 2), (0, 0, np.inf))],
)
def test_invalid_shape_and_origin_are_refused(shape, origin):
    with pytest.raises(InputError) as caught:
        Grid(shape, origin, 1.0)
    assert caught.value.code == "grid-invalid"
