"""Models that hang, for real: a stub that is stopped, and one that is busy for ever."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from scanserve.client.runs.connection import connected_to
from scanserve.contracts import ServerError
from scanserve.server import Embedded, processes
from scanserve.server.supervisor import Policy
from scanserve.server.watch import Patience
from tests.support import tiny_models as tiny

pytestmark = pytest.mark.live
MODELS = (tiny.TURNING, tiny.SLOWER, tiny.DOUBLE, tiny.CHAIN)
LIMIT_S = 120.0
#: Seconds where users have tens of them.
SOON = Patience(every_s=0.2, least_s=2.0, runs=4.0, canary_s=1.0, canary_share=1.0)
POLICY = Policy(max_restarts=20)
FOR_EVER = np.full(1, 2e9, np.float32)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    repository = tiny.write_repository(folder / "repository", MODELS)
    options = {"require_canaries": False, "log_path": folder / "log", "patience": SOON, "policy": POLICY}
    with Embedded(repository, models=MODELS, **options) as running:
        yield running


@pytest.fixture
def client(server):
    assert server.wait_ready(LIMIT_S)
    with connected_to(server, LIMIT_S) as connection:
        yield connection


def volume():
    return np.random.default_rng(3).integers(-1024, 3072, (3, 4, 5)).astype(np.int16)


def stub_of(server, model):
    for pid in processes.descendants(server.pid):
        with open(f"/proc/{pid}/cmdline", "rb") as command:
            if f"/models/{model}/".encode() in command.read():
                return pid
    raise AssertionError(f"no stub of {model}")


def reasons_since(server, count):
    return [event.message for event in server.events[count:] if event.kind == "died"]


def wait_until(condition, seconds=LIMIT_S):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_a_stub_stopped_during_a_request_is_survived(server, client):
    """The answer is the right one, though the process that computed it had to be replaced."""
    seen = len(server.events)
    os.kill(stub_of(server, "tiny_double"), signal.SIGSTOP)
    array = volume()
    answer = client.infer(tiny.CHAIN, {"volume": array})
    np.testing.assert_array_equal(answer["doubled"], array.astype(np.int32) * 2)
    assert reasons_since(server, seen) == ["the process of model tiny_double is stopped"]


def test_a_stub_stopped_while_nobody_asks_is_noticed(server, client):
    seen = len(server.events)
    os.kill(stub_of(server, "tiny_slower"), signal.SIGSTOP)
    assert wait_until(lambda: reasons_since(server, seen))
    assert wait_until(lambda: server.events[-1].kind == "ready")
    client.infer(tiny.SLOWER, {"matrix": np.zeros((512, 512), np.float32)})


def test_a_model_that_is_busy_for_ever_is_restarted_and_its_callers_are_told(server, client):
    seen = len(server.events)
    with pytest.raises(ServerError, match="model tiny_turning did not answer for") as caught:
        client.infer(tiny.TURNING, {"turns": FOR_EVER})
    assert caught.value.code == "server-failed-twice"
    assert len(reasons_since(server, seen)) == 2
    assert client.infer(tiny.TURNING, {"turns": np.full(1, 5, np.float32)})["counted"].tolist() == [5]


def test_load_is_no_hang(server, client):
    """A queue that lasts longer than a model may be silent, answered one by one."""
    seen = len(server.events)
    matrix = np.random.default_rng(1).random((512, 512)).astype(np.float32)
    deadline = time.monotonic() + 4 * SOON.least_s

    def ask(_):
        answers = 0
        while time.monotonic() < deadline:
            client.infer(tiny.SLOWER, {"matrix": matrix})
            answers += 1
        return answers

    with ThreadPoolExecutor(6) as pool:
        answered = list(pool.map(ask, range(6)))
    assert all(answered)
    assert reasons_since(server, seen) == []
