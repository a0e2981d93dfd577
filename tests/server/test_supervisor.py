from __future__ import annotations

import time

import pytest

from scanserve.contracts import ServerError
from scanserve.server import launcher, supervisor
from scanserve.server.launcher import ServerProcess
from scanserve.server.supervisor import Policy, Supervisor

FAST = Policy(poll_s=0.01, liveness_every_s=0.02, liveness_misses=2, max_restarts=2, backoff_s=0.01)


class FakeServer:
    """A server whose death is decided by the test."""

    def __init__(self, log_path):
        self.log_path = log_path
        self.pid = 3
        self.stubs = (1, 2)
        self.missing_stubs = 0
        self.status = None
        self.stopped = False

    death = ServerProcess.death

    def exit_status(self):
        return self.status

    def stop(self, *, at_once=False, reason=""):
        self.stopped, self.reason = True, reason


@pytest.fixture
def watched(tmp_path, monkeypatch):
    monkeypatch.setattr(launcher.processes, "is_alive", lambda pid: True)
    monkeypatch.setattr(supervisor, "is_healthy", lambda port: True)
    started = []
    failing = []

    def bring_up():
        if failing:
            raise ServerError("server-start-failed", failing[0])
        started.append(FakeServer(tmp_path / "log"))
        return started[-1]

    hung = [""]
    watch = Supervisor(bring_up, 1, FAST, lambda: hung[0])
    watch.hung = hung
    watch.started, watch.failing = started, failing
    watch.watch(bring_up())
    yield watch
    watch.stop()
    watch.join()


def kinds(watch):
    return [event.kind for event in watch.events]


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


def test_a_dead_server_is_started_again(watched):
    watched.started[0].status = 1
    wait_for(lambda: kinds(watched) == ["ready", "died", "ready"])
    assert watched.started[0].stopped
    assert watched.ready.is_set()
    assert "status 1" in watched.events[1].message


def test_a_dead_stub_is_enough(watched, monkeypatch):
    dead = {2}
    monkeypatch.setattr(launcher.processes, "is_alive", lambda pid: pid not in dead)
    wait_for(lambda: "died" in kinds(watched))
    dead.clear()
    assert "1 of 2 stubs" in watched.events[1].message


def test_a_hung_server_is_started_again_after_misses(watched, monkeypatch):
    monkeypatch.setattr(supervisor, "is_healthy", lambda port: False)
    wait_for(lambda: "died" in kinds(watched))
    assert "2 times in a row" in watched.events[1].message


def test_a_hung_model_is_a_reason_and_callers_are_told(watched):
    watched.hung[0] = "model m did not answer for 61 s"
    wait_for(lambda: "died" in kinds(watched))
    watched.hung[0] = ""
    wait_for(lambda: kinds(watched)[-1] == "ready" and len(watched.events) > 1)
    assert watched.events[1].message == "model m did not answer for 61 s"
    assert watched.started[0].reason == "model m did not answer for 61 s; the server is being started again."


def test_it_gives_up(watched):
    watched.failing.append("no model")
    watched.started[0].status = 1
    wait_for(lambda: kinds(watched)[-1] == "gave-up")
    assert kinds(watched) == ["ready", "died", "restart-failed", "restart-failed", "gave-up"]
    assert not watched.ready.is_set()


def test_stop_ends_a_wait(watched):
    watched.stop()
    watched.join()
    assert kinds(watched) == ["ready"]


def test_the_wait_doubles_up_to_its_limit():
    policy = Policy(backoff_s=1.0, max_backoff_s=5.0)
    assert [policy.wait_s(restart) for restart in range(4)] == [1.0, 2.0, 4.0, 5.0]
