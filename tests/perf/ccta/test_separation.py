"""The area under the ROC curve in closed form, and the voxels beside a line."""

import numpy as np
import pytest

from scanserve.geometry import Grid
from scanserve.perf.ccta.separation import around, separation


@pytest.mark.parametrize(
    ("on", "away", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2, 0.3], 1.0),
        ([0.1], [0.5, 0.6], 0.0),
        ([0.5, 0.5], [0.5, 0.5, 0.5], 0.5),
        ([0.2, 0.8], [0.1, 0.5], 0.75),  # three of four pairs
    ],
)
def test_it_is_the_share_of_pairs_in_order(on, away, expected):
    assert separation(np.array(on), np.array(away)) == pytest.approx(expected)


def test_only_the_order_counts():
    rng = np.random.default_rng(0)
    on, away = rng.random(50), rng.random(80)
    assert separation(on**3, away**3) == pytest.approx(separation(on, away))


def test_around_a_point_is_a_shell():
    grid = Grid.centred((41, 41, 41), 2.0)
    shell = around(np.array([[10.0, 0.0, 0.0]]), grid)  # x
    distance = {tuple(index): np.linalg.norm((index - [20, 20, 25]) * 2.0) for index in np.argwhere(shell)}
    assert 5 <= min(distance.values()) < 6
    assert 24 < max(distance.values()) <= 25
    assert shell.sum() == pytest.approx(4 / 3 * np.pi * (25**3 - 5**3) / 8, rel=0.05)


def test_a_voxel_near_any_point_of_a_line_is_not_around_it():
    grid = Grid.centred((41, 41, 41), 2.0)
    line = np.stack([np.linspace(-30, 30, 61), np.zeros(61), np.zeros(61)], axis=1)
    shell = around(line, grid)
    assert not shell[20, 20, 8:33].any()
    assert shell[20, 24, 20]
