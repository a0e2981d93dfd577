"""Positions, waiting times and progress."""

import pytest

from scanserve.node.estimate import MOST_PROGRESS, estimates
from scanserve.node.queue.view import Row


def row(job, state, turn=0, started_s=None):
    times = {"received_s": 0.0, "queued_s": 0.0, "started_s": started_s, "ran_s": None, "ended_s": None}
    texts = {"digest": "", "application": "ccta", "caller": "", "code": ""}
    return Row(
        study=job,
        job=job,
        state=state,
        turn=turn,
        tries=0,
        result=0,
        generation=1,
        instances=1,
        **times,
        **texts,
    )


def usual(*seconds):
    return lambda application: seconds


def test_one_worker_takes_one_after_another():
    rows = [row(1, "running", started_s=90.0), row(2, "waiting", 2), row(3, "waiting", 3)]
    found = estimates(rows, usual(30.0, 40.0, 50.0), 1, now_s=100.0)
    assert found[1].progress == pytest.approx(0.25)
    assert (found[2].position, found[2].wait_s) == (1, 30.0)
    assert (found[3].position, found[3].wait_s) == (2, 70.0)


def test_two_workers_halve_the_wait():
    rows = [row(number, "waiting", number) for number in range(1, 5)]
    found = estimates(rows, usual(10.0), 2, now_s=0.0)
    assert [found[number].wait_s for number in range(1, 5)] == [0.0, 0.0, 10.0, 10.0]


def test_the_order_is_that_of_the_turns():
    rows = [row(1, "waiting", 9), row(2, "waiting", 4)]
    assert estimates(rows, usual(1.0), 1, 0.0)[2].position == 1


def test_without_experience_only_the_position_is_known():
    rows = [row(1, "running", started_s=0.0), row(2, "waiting", 2)]
    found = estimates(rows, usual(), 1, 5.0)
    assert found[1].progress is None
    assert (found[2].position, found[2].wait_s) == (1, None)


def test_what_runs_is_never_shown_as_done():
    assert estimates([row(1, "running", started_s=0.0)], usual(1.0), 1, 99.0)[1].progress == MOST_PROGRESS
