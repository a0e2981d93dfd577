import numpy as np
import pytest

from scanserve.geometry import HeatMap, refine_to_ridge
from tests.support import drawing

LINE = np.array([[4.0, 18.3, 21.7], [38, 24.1, 19.2]])
MAP = drawing.ridge([LINE])
ON_LINE = np.linspace(*LINE, 60)[5:-5]


@pytest.mark.parametrize("offset", [(0, 0, 0), (0, 0.9, 0), (0, -0.6, 1.0), (0, 1.3, 0.5)])
def test_points_off_the_line_come_to_it(offset):
    refined = refine_to_ridge(ON_LINE + offset, MAP)
    assert drawing.distances(refined, LINE).mean() < 0.05


def test_points_move_across_the_path_only():
    along = (LINE[1] - LINE[0]) / np.linalg.norm(LINE[1] - LINE[0])
    start = ON_LINE + np.array([0, 0.5, 0.3])
    np.testing.assert_allclose((refine_to_ridge(start, MAP) - start) @ along, 0, atol=1e-9)


def test_without_heat_points_stay():
    cold = HeatMap.at(np.zeros((48, 48, 48), dtype=np.uint8), np.zeros(3), np.full(3, 0.9))
    np.testing.assert_array_equal(refine_to_ridge(ON_LINE, cold), ON_LINE)


def test_a_plateau_is_centred():
    """A network may saturate: heat of 255 over three voxels has no peak, but a middle."""
    flat = HeatMap(np.where(MAP.values > 120, 255, 0).astype(np.uint8), MAP.grid)
    refined = refine_to_ridge(ON_LINE + np.array([0, 0.6, 0]), flat)
    assert drawing.distances(refined, LINE).mean() < 0.25


def test_the_given_path_is_not_changed():
    start = ON_LINE + np.array([0, 0.5, 0])
    refine_to_ridge(start, MAP)
    np.testing.assert_array_equal(start, ON_LINE + np.array([0, 0.5, 0]))
