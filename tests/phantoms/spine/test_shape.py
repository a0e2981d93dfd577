import numpy as np
import pytest

from scanserve.phantoms.spine.population import POPULATIONS
from scanserve.phantoms.spine.shape import CERVICAL, Shape

POPULATION = POPULATIONS["test"]


@pytest.fixture(scope="module")
def shapes():
    return [Shape.sample(np.random.default_rng(seed), POPULATION) for seed in range(40)]


def test_vertebrae_lie_below_each_other_with_their_corners_in_order(shapes):
    for shape in shapes:
        assert shape.corners.shape == (17, 4, 2)
        corners = shape.marked
        down = corners[:, 2:].mean(axis=1) - corners[:, :2].mean(axis=1)
        right = corners[:, [1, 3]].mean(axis=1) - corners[:, [0, 2]].mean(axis=1)
        assert (np.linalg.norm(down, axis=1) > 0.01).all()
        assert (down[:, 1] * right[:, 0] - down[:, 0] * right[:, 1] > 0).all()  # no vertebra is turned over
        steps = np.diff(corners.mean(axis=1), axis=0)
        assert (np.linalg.norm(steps, axis=1) > 0.02).all()


def test_the_unit_is_the_length_of_the_spine(shapes):
    for shape in shapes:
        tops, bottoms = shape.marked[:, :2].mean(axis=1), shape.marked[:, 2:].mean(axis=1)
        heights = np.linalg.norm(bottoms - tops, axis=1).sum()
        gaps = np.linalg.norm(tops[1:] - bottoms[:-1], axis=1).sum()
        assert heights + gaps == pytest.approx(1, abs=0.01)


def test_the_neck_goes_on_above(shapes):
    for shape in shapes:
        assert shape.neck.shape == (CERVICAL, 4, 2)
        above = shape.neck.mean(axis=1)[:, 1]
        assert (np.diff(above) < 0).all()
        assert above[0] < shape.marked[0, :, 1].min() + 0.02


def test_a_sixth_lumbar_vertebra_lies_below_the_fifth():
    shape = Shape.sample(np.random.default_rng(1), POPULATION, 18)
    assert shape.corners.shape == (18, 4, 2)
    assert shape.corners[17, :, 1].mean() > shape.marked[16, :, 1].mean()


def test_two_neighbours_of_the_test_population_look_alike(shapes):
    for shape in shapes:
        widths = np.linalg.norm(shape.corners[:, 1] - shape.corners[:, 0], axis=1)
        assert np.isclose(np.diff(widths), 0, atol=1e-9).any()
