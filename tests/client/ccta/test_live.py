"""The analysis against the real server, which dies in the middle."""

import contextlib
import json
import os
import signal

import pytest

from scanserve.client.ccta import run as running
from scanserve.client.runs.connection import Connection
from scanserve.contracts.ccta import CCTA, TEST_SEED
from scanserve.geometry import Grid

pytestmark = pytest.mark.live

SMALL = Grid.centred((64, 128, 128), (1.6, 1.6, 2.0))


def _processes(pid: int, name: str) -> list[int]:
    """Descendants of ``pid`` whose program is called ``name``."""
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{entry}/stat") as stat:
                program, rest = stat.read().split("(", 1)[1].rsplit(")", 1)
            if int(rest.split()[1]) == pid and program.startswith(name[:15]):
                found.append(int(entry))
    return found


@pytest.fixture(scope="module")
def server():
    from scanserve.server import Embedded

    with Embedded(models=CCTA.models) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    from scanserve.phantoms.ccta.study import write_study

    out = tmp_path_factory.mktemp("study") / "phantom"
    write_study(out, TEST_SEED + 2, 2, grid=SMALL)
    return out


@pytest.mark.parametrize("victim", ["the server", "a stub"])
def test_a_death_in_the_middle_is_survived(server, study, tmp_path, victim):
    from scanserve.client.transport import Client

    killed = []

    def kill_once(phase, stage, fraction):
        if stage == "centerlines" and not killed:
            stubs = _processes(server.pid, "triton_python_backend_stub")
            killed.extend([server.pid] if victim == "the server" else stubs)
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    @contextlib.contextmanager
    def connect():
        with Client(server.grpc_url, shared_memory_key=server.shared_memory_key) as client:
            yield Connection(client, server.wait_ready, True, server.model_repository)

    deaths = sum(event.kind == "died" for event in server.events)
    options = running.Options(study, tmp_path / "out", override="a coarse phantom")
    running.run(options, connect, progress=kill_once)
    assert killed
    assert sum(event.kind == "died" for event in server.events) == deaths + 1
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert len(result["vessels"][0]["phases"]) == 2
