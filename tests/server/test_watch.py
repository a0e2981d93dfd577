from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from scanserve.contracts import ServerError
from scanserve.server.options import Ports
from scanserve.server.watch import Patience, Watch
from tests.support import tiny_models as tiny

#: Looks at every call.
AT_ONCE = Patience(every_s=0, least_s=10, runs=2, canary_s=60, canary_share=0.01)
MODELS = (tiny.DOUBLE, tiny.SQUARE, tiny.CHAIN)
TOOK = {"tiny_double": 1.0, "tiny_square": 0.5, "tiny_chain": 1.0}


class Gate(BaseHTTPRequestHandler):
    """Says of each model what the test wants."""

    said: dict[str, dict[str, float]]

    def do_GET(self):
        rows = [
            f'scanserve_gate_{what}_seconds{{model="{model}"}} {seconds}'
            for model, values in self.said.items()
            for what, seconds in values.items()
        ]
        self.send_response(200 if self.path == "/metrics/gate" else 404)
        self.end_headers()
        self.wfile.write("\n".join(rows).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def gate():
    said = {}
    server = HTTPServer(("127.0.0.1", 0), type("Said", (Gate,), {"said": said}))
    server.said = said
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Asked:
    def __init__(self, error=None):
        self.names, self.error = [], error

    def __call__(self, url, spec):
        self.names.append((url, spec.name))
        if self.error:
            raise self.error


def watching(gate, patience=AT_ONCE, ask=None, took=None):
    watch = Watch(MODELS, Ports(5, 6, gate.server_port), patience, ask or Asked())
    watch.begin(os.getpid(), TOOK if took is None else took)
    return watch


def test_silence_beyond_the_bound_of_the_model(gate):
    watch = watching(gate)
    for seconds, hangs in ((11.9, False), (12.1, True)):  # 10 s and two runs of 1 s
        gate.said["tiny_double"] = {"silent": seconds}
        assert bool(watch.look()) is hangs
    assert watch.look() == "model tiny_double did not answer for 12 s"


def test_a_batch_may_take_longer(gate):
    gate.said["tiny_square"] = {"silent": 25.9}  # 10 s and two runs of 16 items of 0.5 s
    assert watching(gate).look() == ""
    gate.said["tiny_square"] = {"silent": 26.1}
    assert "tiny_square" in watching(gate).look()


def test_idle_models_are_asked_now_and_then(gate):
    ask = Asked(ServerError("canary-failed", "no answer."))
    watch = watching(gate, ask=ask)
    gate.said |= {"tiny_chain": {"idle": 99}, "tiny_square": {"idle": 59}, "tiny_double": {"idle": 1000}}
    assert watch.look() == ""
    time.sleep(0.1)
    assert ask.names == []  # of a second in a hundred, and a minute
    gate.said |= {"tiny_chain": {"idle": 101}, "tiny_square": {"idle": 61}}
    assert watch.look() == ""
    deadline = time.monotonic() + 20
    while len(ask.names) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    # The double is asked by way of the chain that it is a step of.
    assert sorted(ask.names) == [("127.0.0.1:5", "tiny_chain"), ("127.0.0.1:5", "tiny_square")]


def test_models_without_a_canary_are_not_judged(gate):
    gate.said["tiny_double"] = {"silent": 1e6}
    assert watching(gate, took={"tiny_chain": 1.0}).look() == ""
    assert watching(gate, took={}).look() == ""


def test_it_looks_now_and_then(gate):
    gate.said["tiny_double"] = {"silent": 1e6}
    assert watching(gate, Patience(every_s=60)).look() == ""


def test_a_gate_that_does_not_answer_is_for_others_to_notice(gate):
    watch = Watch(MODELS, Ports(5, 6, 9), AT_ONCE, Asked())
    watch.begin(os.getpid(), TOOK)
    assert watch.look() == ""


@pytest.fixture
def stub():
    command = [sys.executable, "-c", "import time; time.sleep(600)", "/tmp/s/models/tiny_double/1/model.py"]
    with subprocess.Popen(command) as process:
        yield process
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def test_a_stopped_process_is_named_at_the_second_look(gate, stub):
    watch = watching(gate)
    assert watch.look() == ""
    stub.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, stub.pid, os.WSTOPPED | os.WNOWAIT)
    assert watch.look() == ""
    assert watch.look() == "the process of model tiny_double is stopped"
    stub.send_signal(signal.SIGCONT)
    os.waitid(os.P_PID, stub.pid, os.WCONTINUED | os.WNOWAIT)
    assert watch.look() == ""
