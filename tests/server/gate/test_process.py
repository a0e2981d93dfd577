from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest

from scanserve.contracts import ServerError
from scanserve.server import processes
from scanserve.server.gate.orders import GateOrders
from scanserve.server.gate.process import GateProcess
from tests.support import tiny_models as tiny
from tests.support.ports import free_port


def orders(port):
    return GateOrders("unix:nothing", tiny.MODELS, f"127.0.0.1:{port}")


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("at_once", [False, True])
def test_it_listens_until_it_is_told_to_end(tmp_path, at_once):
    port = free_port()
    gate = GateProcess(orders(port), tmp_path / "log", tmp_path)
    assert gate.exit_status() is None
    assert is_listening(port)
    gate.stop(at_once=at_once)
    gate.stop()
    assert gate.exit_status() == (-signal.SIGKILL if at_once else 0)
    assert not is_listening(port)


def test_without_a_server_behind_it_says_so(tmp_path):
    port = free_port()
    gate = GateProcess(orders(port), tmp_path / "log", tmp_path)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/inference.GRPCInferenceService/ServerReady")(b"", timeout=20)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    finally:
        gate.stop()


def test_a_taken_port_is_an_error_with_the_reason_in_the_log(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match="status 1") as caught:
            GateProcess(orders(port), tmp_path / "log", tmp_path)
    assert caught.value.code == "server-start-failed"
    assert f"127.0.0.1:{port} cannot be listened at" in (tmp_path / "log").read_text()


PARENT = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from tests.server.gate.test_process import GateProcess, orders
gate = GateProcess(orders({port}), Path({folder!r}, "log"), Path({folder!r}))
print(gate.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_does_not_outlive_its_parent(tmp_path, number):
    port = free_port()
    program = PARENT.format(here=str(Path(__file__).parents[3]), port=port, folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert is_listening(port)
        os.kill(parent.pid, number)
    assert wait_until(lambda: not processes.is_alive(pid))
    assert not is_listening(port)
