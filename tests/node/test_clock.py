"""The node's clock does not follow the machine's."""

import pytest

from scanserve.node.clock import MOST_BETWEEN_S, Moment, NodeClock


@pytest.mark.parametrize(
    ("wall", "expected"),
    [(1000.0, 50.0), (1060.0, 110.0), (0.0, 50.0), (1e12, 50.0 + MOST_BETWEEN_S)],
)
def test_the_time_between_two_runs_counts_as_far_as_it_is_plausible(wall, expected):
    assert NodeClock(Moment(50.0, 1000.0), lambda: 7.0, lambda: wall)() == expected


def test_a_clock_that_is_set_while_the_node_runs_changes_nothing():
    monotonic, wall = [0.0], [1000.0]
    clock = NodeClock(None, lambda: monotonic[0], lambda: wall[0])
    monotonic[0], wall[0] = 10.0, -5000.0
    assert clock() == 10.0
    assert clock.moment() == Moment(10.0, -5000.0)
