import numpy as np
import pytest

from scanserve.phantoms.ccta import Grid
from scanserve.phantoms.ccta.ranges import PLAIN, TRAINING
from scanserve.phantoms.ccta.slabs import Slabs, sample_slabs

TWO = Slabs(np.array([0.0, 20.0]), np.array([[0, 0, 0], [1, 2, 0], [-1, 0, 0]], float))


def test_a_point_is_shown_where_its_slab_lies():
    points = np.array([[0, 0, -5], [0, 0, 0], [0, 0, 19.9], [0, 0, 40]], float)
    assert TWO.shift(points) == pytest.approx(TWO.shifts[[0, 1, 1, 2]])


def test_the_slices_of_a_grid_are_dealt_out_once():
    grid = Grid.centred((60, 4, 5), (1, 1, 0.9))
    parts = list(TWO.split(grid))
    assert sum(part.shape[0] for _, part in parts) == 60
    assert np.concatenate([part.axes()[2] for _, part in parts]) == pytest.approx(grid.axes()[2])
    for shift, part in parts:
        z = part.axes()[2]
        assert (TWO.shift(np.stack([0 * z, 0 * z, z], 1)) == shift).all()


def test_drawn_steps_are_in_the_plane_and_of_the_drawn_length():
    assert sample_slabs(np.random.default_rng(0), PLAIN.artefacts) is None
    made = [sample_slabs(np.random.default_rng(seed), TRAINING.artefacts) for seed in range(80)]
    found = [slabs for slabs in made if slabs is not None]
    assert 15 < len(found) < 45
    for slabs in found:
        steps = np.linalg.norm(np.diff(slabs.shifts, axis=0), axis=1)
        assert 1 <= len(steps) == len(slabs.levels) <= 4
        assert 0.5 <= steps.min() <= steps.max() <= 3.0
        assert (slabs.shifts[:, 2] == 0).all()
