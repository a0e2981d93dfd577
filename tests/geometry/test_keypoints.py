import numpy as np
import pytest

from scanserve.geometry.keypoints import level_shift, mirrored, radial_errors


def stack(count=17, gap=30.0):
    """Squares below each other."""
    square = np.array([[0, 0], [20, 0], [0, 20], [20, 20]], float)
    return np.concatenate([square + np.array([0, gap * level]) for level in range(count)])


def test_distances():
    assert radial_errors([[3, 4], [0, 0]], [[0, 0], [0, 2]]).tolist() == [5, 2]


@pytest.mark.parametrize("shift", [-2, -1, 0, 1, 2])
def test_a_shift_by_levels_is_found(shift):
    noise = np.random.default_rng(0).normal(0, 2, (68, 2))
    assert level_shift(stack() + np.array([0, 30 * shift]) + noise, stack()) == shift


def test_less_than_half_a_level_is_no_shift():
    assert level_shift(stack() + np.array([3, 12]), stack()) == 0


def test_points_that_the_film_does_not_show_do_not_count():
    found = stack()
    found[:8] = np.nan
    assert level_shift(found, stack()) == 0
    assert level_shift(np.full((68, 2), np.nan), stack()) == 0


def test_mirroring_swaps_sides_and_corners_and_undoes_itself():
    points = stack() + np.arange(68)[:, None]
    there = mirrored(points, 100)
    assert (there[::2, 0] < there[1::2, 0]).all()  # left corners are again on the left
    assert there[0].tolist() == [99 - points[1, 0], points[1, 1]]
    np.testing.assert_allclose(mirrored(there, 100), points)
