"""A served inference in a network without a way out: nothing tries to leave, and nobody is given an identifier."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scanserve.contracts.telemetry import QUIET
from tests.support import sealed_network
from tests.support import tiny_models as tiny

pytestmark = pytest.mark.live
ROOT = Path(__file__).parents[2]
#: ONNX Runtime 1.31 looks its host up about ten seconds after its first session.
WATCHED_S = 14.0
LIMIT_S = 300.0

_SERVED = """
import sys, time
sys.path.insert(0, {root!r})
import numpy as np
from scanserve.client.transport import Client
from scanserve.server import Embedded
from tests.support import tiny_models as tiny
with Embedded({repository!r}, models=tiny.MODELS, require_canaries=False, log_path={log!r}) as server:
    with Client(server.grpc_url, shared_memory_key=server.shared_memory_key) as client:
        for spec in (tiny.DOUBLE, tiny.CHAIN):
            print(client.infer(spec, {{"volume": np.ones((2, 3, 4), np.int16)}})["doubled"].sum())
        print(client.infer(tiny.SQUARE, {{"numbers": np.full((1, 4), 0.5, np.float32)}})["squares"].sum())
        time.sleep({watched_s})
"""
_LEAVES = """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("198.51.100.7", 53))
stream = socket.socket()
stream.setblocking(False)
stream.connect_ex(("198.51.100.7", 443))
"""


@pytest.fixture(scope="module", autouse=True)
def _possible():
    reason = sealed_network.possible()
    if reason:
        pytest.skip(f"no sealed network can be made here: {reason}")


def environment(home):
    """That of a user who has heard nothing of telemetry, with an empty home."""
    dropped = (*QUIET, "XDG_CACHE_HOME", "XDG_STATE_HOME", "CI", "TF_BUILD", "GITHUB_ACTIONS")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "HOME": str(home)}


def test_a_way_out_that_is_tried_is_seen(tmp_path):
    _, left = sealed_network.watched([sys.executable, "-c", _LEAVES], environment(tmp_path), LIMIT_S)
    assert left == ["tcp 198.51.100.7:443", "udp 198.51.100.7:53"]


def test_a_served_inference_reaches_for_nothing(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    repository = tiny.write_repository(tmp_path / "repository")
    program = _SERVED.format(
        root=str(ROOT), repository=str(repository), log=str(tmp_path / "log"), watched_s=WATCHED_S
    )
    done, left = sealed_network.watched([sys.executable, "-c", program], environment(home), LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["48", "48", "1.0"]
    assert left == []
    ours = (".cache/scanserve", ".local/state/scanserve")
    files = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert {file for file in files if not file.startswith(ours)} == set()
