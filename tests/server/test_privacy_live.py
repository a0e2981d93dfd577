"""What a running server holds of a study is out of reach for the other users of the machine."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import numpy as np
import pytest

from scanserve.client.transport import Client
from scanserve.server import Embedded, files, processes
from tests.support import tiny_models as tiny
from tests.support.other_user import needs_root, prying

pytestmark = pytest.mark.live
SHM = Path("/dev/shm")
LIMIT_S = 120.0


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return tiny.write_repository(tmp_path_factory.mktemp("repository"))


@pytest.fixture
def open_umask():
    """Let others in unless a program takes care by itself."""
    before = os.umask(0)
    yield
    os.umask(before)


#: A region of one request lives for milliseconds, in which the other user may not have been given a processor.
TIMES = 10


def ask(server, times=1):
    """Send a volume in shared memory, and one in a message, which the gate puts into memory of its own."""
    volume = np.arange(2 << 20, dtype=np.int16).reshape(2, 1024, 1024)
    for way in ("always", "never") * times:
        with Client(server.grpc_url, shared_memory=way, shared_memory_key=server.shared_memory_key) as client:
            assert client.infer(tiny.DOUBLE, {"volume": volume})["doubled"].shape == volume.shape


@pytest.mark.alone
@needs_root
def test_no_other_user_ever_opens_a_region(repository, tmp_path, open_umask):
    """Tried without a pause from before the start, through a growing request and a restart, to the end."""
    control = f"scanserve_control_{os.getpid()}"
    chosen = {"models": (tiny.DOUBLE,), "require_canaries": False, "log_path": tmp_path / "log"}
    with prying(SHM, "scanserve") as found, Embedded(repository, **chosen) as server:
        (SHM / control).touch(mode=0o644)
        ours = [server._process.shm_prefix, f"scanserve-{os.getpid()}-"]
        ask(server, TIMES)
        os.kill(processes.descendants(server.pid)[0], signal.SIGKILL)
        while server.ready:
            os.sched_yield()
        assert server.wait_ready(LIMIT_S)
        ours += [server._process.shm_prefix, f"{server._process.shm_prefix}gate_"]
        ask(server, TIMES)
        (SHM / control).unlink()
    assert control in found.opened
    for prefix in ours:
        assert {name for name in found.seen if name.startswith(prefix) and not name.endswith("_lock")}
    assert [name for name in found.opened if name.startswith(tuple(ours))] == []


def test_regions_and_logs_are_for_their_owner_whatever_the_umask(repository, tmp_path, open_umask):
    log = tmp_path / "log"
    log.write_text("an earlier log")
    log.chmod(0o644)
    with Embedded(repository, models=(tiny.DOUBLE,), require_canaries=False, log_path=log) as server:
        ask(server)
        assert files.limit_log(log, 10)
        made = [*SHM.glob(f"{server._process.shm_prefix}*"), log, log.with_name("log.1")]
        modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in made}
    assert len(modes) >= 4
    assert set(modes.values()) == {"0o600"}
