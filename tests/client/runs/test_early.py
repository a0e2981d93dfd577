import threading
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace

import pytest

from scanserve.client.runs.connection import Connection
from scanserve.client.runs.early import Cancellable, Opening
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import ServerError
from scanserve.contracts.dat import DAT

SPEC = DAT.models[0]
WAIT_S = 10.0


def connection():
    return Connection(SimpleNamespace(infer=lambda spec, inputs: inputs), lambda timeout_s: True, True, None)


class Slow(AbstractContextManager):
    """Opens when it is let, and fails where it is cancelled before."""

    def __init__(self):
        self.let = threading.Event()
        self.cancelled = False
        self.log = []

    def __enter__(self):
        self.log.append("begin")
        assert self.let.wait(WAIT_S)
        if self.cancelled:
            self.log.append("cancelled")
            raise ServerError("server-not-running", "stopped.")
        self.log.append("open")
        return connection()

    def __exit__(self, *error):
        self.log.append("closed")

    def cancel(self):
        self.cancelled = True
        self.let.set()


def opening(manager, ask=lambda connection: "answer", stopwatch=None):
    return Opening(lambda: manager, ask, stopwatch or Stopwatch())


def test_work_goes_on_while_it_opens_and_the_first_inference_waits():
    slow = Slow()
    with opening(slow) as early:
        early.check()
        threading.Timer(0.05, slow.let.set).start()
        assert early.infer(SPEC, {"x": 1}) == {"x": 1}
        assert early.answer == "answer"
    assert slow.log == ["begin", "open", "closed"]


def test_leaving_before_it_is_open_cancels_it():
    slow = Slow()
    with pytest.raises(ZeroDivisionError), opening(slow):
        raise ZeroDivisionError
    assert slow.log == ["begin", "cancelled"]


def test_what_cannot_be_cancelled_is_waited_for_and_closed():
    log = []

    @contextmanager
    def manager():
        log.append("open")
        yield connection()
        log.append("closed")

    with opening(manager()):
        pass
    assert log == ["open", "closed"]


def test_a_failure_is_raised_where_it_is_asked_for():
    @contextmanager
    def absent():
        raise ServerError("server-unavailable", "gone.")
        yield

    with opening(absent()) as early:
        for call in (lambda: early.answer, lambda: early.infer(SPEC, {}), early.check):
            with pytest.raises(ServerError) as caught:
                call()
            assert caught.value.code == "server-unavailable"


def test_a_failure_of_the_question_closes_the_connection():
    slow = Slow()
    slow.let.set()

    def ask(connection):
        raise ServerError("model-not-found", "no.")

    with opening(slow, ask) as early, pytest.raises(ServerError):
        early.answer  # noqa: B018
    assert slow.log == ["begin", "open", "closed"]


def test_closing_twice_closes_once_and_the_start_is_timed():
    slow, stopwatch = Slow(), Stopwatch()
    slow.let.set()
    early = opening(slow, stopwatch=stopwatch)
    assert early.answer == "answer"
    early.close()
    early.close()
    assert slow.log == ["begin", "open", "closed"]
    assert [span.stage for span in stopwatch.spans()] == ["server start"]


def test_a_manager_that_has_cancel_can_be_cancelled():
    assert isinstance(Slow(), Cancellable)
    assert not isinstance(AbstractContextManager, Cancellable)
