import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scanserve.contracts import InputError
from scanserve.evaluation import correspondence
from scanserve.evaluation.correspondence import correspond

LINES = st.integers(1, 12).flatmap(
    lambda n: arrays(np.float64, (n, 3), elements=st.floats(-10, 10, width=32))
)


def total(first, second, pairs):
    return np.linalg.norm(first[pairs[:, 0]] - second[pairs[:, 1]], axis=1).sum()


def least(first, second):
    """The same minimum, cell by cell."""
    distance = np.linalg.norm(first[:, None] - second[None], axis=2)
    cost = np.full(distance.shape, np.inf)
    for i, j in np.ndindex(*distance.shape):
        before = [cost[i - 1, j]] * (i > 0) + [cost[i, j - 1]] * (j > 0)
        cost[i, j] = distance[i, j] + (min(before) if before else 0)
    return cost[-1, -1]


@given(LINES, LINES)
def test_connections_are_the_shortest_that_lead_from_start_to_end(first, second):
    pairs = correspond(first, second)
    assert pairs.shape == (len(first) + len(second) - 1, 2)
    assert pairs[0].tolist() == [0, 0]
    assert pairs[-1].tolist() == [len(first) - 1, len(second) - 1]
    steps = np.diff(pairs, axis=0)
    assert np.all(steps >= 0)
    assert np.all(steps.sum(axis=1) == 1)
    assert total(first, second, pairs) == pytest.approx(least(first, second))


@given(LINES, LINES)
def test_sides_may_be_exchanged(first, second):
    there, back = correspond(first, second), correspond(second, first)
    assert total(first, second, there) == pytest.approx(total(second, first, back))


def test_equal_lines_are_connected_in_turns():
    line = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
    assert correspond(line, line).tolist() == [[0, 0], [0, 1], [1, 1], [1, 2], [2, 2]]


def test_what_lies_beyond_is_connected_to_the_end():
    short, long = np.array([[0.0, 0, 0], [1, 0, 0]]), np.array([[x, 0.0, 0] for x in range(4)])
    assert correspond(short, long)[-3:].tolist() == [[1, 1], [1, 2], [1, 3]]


def test_too_many_points(monkeypatch):
    monkeypatch.setattr(correspondence, "CELLS_MAX", 8)
    with pytest.raises(InputError) as caught:
        correspond(np.zeros((3, 3)), np.zeros((3, 3)))
    assert caught.value.code == "lines-too-fine"
