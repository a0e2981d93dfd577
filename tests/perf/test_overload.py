import threading
import time

import pytest

from scanserve.contracts import InferenceError, ServerError
from scanserve.perf.overload import Answer, Overload, closed, measure_overload, opened


class Gated:
    """One request runs and one waits; others are refused at once.  Each takes ``seconds``."""

    def __init__(self, seconds, waiting=1):
        self.seconds = seconds
        self.places = threading.Semaphore(1 + waiting)
        self.turn = threading.Lock()

    def __call__(self):
        if not self.places.acquire(blocking=False):
            raise ServerError("server-exhausted", "full.")
        try:
            with self.turn:
                time.sleep(self.seconds)
        finally:
            self.places.release()


def result(**changes):
    values = {
        "model": "m",
        "unloaded_p99_ms": 100.0,
        "full_per_s": 10.0,
        "wanted_per_s": 100.0,
        "offered_per_s": 100.0,
        "accepted_per_s": 10.0,
        "accepted": 10,
        "accepted_p99_ms": 200.0,
        "refused": 90,
        "refused_p99_ms": 50.0,
        "failed": (),
    }
    return Overload(**{**values, **changes})


def test_a_bounded_queue_keeps_accepted_work_quick():
    found = measure_overload("gated", Gated(0.05), seconds=3.0)
    assert found.offered_per_s > 5 * found.full_per_s
    assert found.refused > found.accepted > 0
    assert found.accepted_p99_ms < 3 * found.unloaded_p99_ms
    assert found.refused_p99_ms < 50
    assert found.failed == ()


def test_a_queue_without_a_bound_is_found():
    found = measure_overload("open", Gated(0.02, waiting=10_000), seconds=2.0)
    assert found.refused == 0
    assert found.accepted_p99_ms > 5 * found.unloaded_p99_ms
    assert not found.kept


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"accepted_p99_ms": 201.0}, False),
        ({"refused_p99_ms": 51.0}, False),
        ({"failed": ("inference-failed",)}, False),
        ({"accepted": 0}, False),
    ],
)
def test_the_verdict(changes, kept):
    assert result(**changes).kept is kept
    assert str(result(**changes)).endswith("kept" if kept else "BROKEN")


def test_other_errors_are_kept_by_their_codes():
    def fail():
        raise InferenceError("inference-failed", "no.")

    assert {answer.outcome for answer in opened(fail, 100.0, 0.2)} == {"inference-failed"}


def test_requests_come_whether_answers_come_or_not():
    answers = opened(Gated(0.5), 50.0, 1.0)
    assert 25 < len(answers) < 90
    assert sum(answer.accepted for answer in answers) <= 4


def test_one_caller_waits_for_each_answer():
    answers = closed(Gated(0.05), 1, 0.5)
    assert all(answer == Answer(answer.seconds, "answered") for answer in answers)
    assert 5 <= len(answers) <= 10
