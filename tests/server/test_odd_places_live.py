"""Homes and temporary folders of any name, and what is left in them: the server starts, and nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanserve.server import environments
from tests.support import tiny_models as tiny
from tests.support.marked import Marked

pytestmark = pytest.mark.live
LIMIT_S = 120.0

_SERVED = """
import sys
sys.path.insert(0, {root!r})
import numpy as np
from scanserve.client.transport import Client
from scanserve.server import Embedded
from tests.support import tiny_models as tiny
with Embedded({repository!r}, models=(tiny.DOUBLE, tiny.SQUARE), require_canaries=False) as server:
    with Client(server.grpc_url, shared_memory_key=server.shared_memory_key) as client:
        print(client.infer(tiny.DOUBLE, {{"volume": np.ones((2, 3, 4), np.int16)}})["doubled"].sum())
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return tiny.write_repository(tmp_path_factory.mktemp("repository"), (tiny.DOUBLE, tiny.SQUARE))


def program(repository):
    return [
        sys.executable,
        "-c",
        _SERVED.format(root=str(Path(__file__).parents[2]), repository=str(repository)),
    ]


def environment(home, temporary, marked):
    """That of a user whose home and temporary folder these are, and who says nothing else about places."""
    made = marked.environment(HOME=str(home), TMPDIR=str(temporary))
    return {name: value for name, value in made.items() if not name.startswith("XDG_")}


def send(number, marked):
    """A signal to all that have the mark, the oldest first; some end by themselves meanwhile."""
    for pid in sorted(marked.processes()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.parametrize(
    ("home", "temporary"),
    [
        ("日本 a&b", "a b;touch hacked;"),
        ("Müller", "$(touch hacked) x' `touch hacked` 'é"),
        ("x\udcffy", "plain"),
    ],
)
def test_a_name_means_nothing_to_a_shell_or_a_stub(repository, tmp_path, home, temporary):
    for name in (home, temporary, "work"):
        (tmp_path / name).mkdir()
    done = subprocess.run(
        program(repository),
        env=environment(tmp_path / home, tmp_path / temporary, Marked()),
        cwd=tmp_path / "work",
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["48"]
    assert list((tmp_path / temporary).iterdir()) == list((tmp_path / "work").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {home, temporary, "work"}


def test_what_a_kill_of_everything_left_goes_at_the_next_start(repository, tmp_path):
    """At the moment when Triton has put its own into the temporary folder, and nobody is left to tidy up."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    marked = Marked()
    with subprocess.Popen(program(repository), env=environment(home, temporary, marked)) as parent:
        try:
            deadline = time.monotonic() + LIMIT_S
            while not list(temporary.glob(f"*/{environments.NOTE}")) and time.monotonic() < deadline:
                time.sleep(0.01)
            send(signal.SIGSTOP, marked)  # nobody may notice that another is gone
            (left,) = temporary.iterdir()
            outside = [Path("/tmp", name) for name in (left / environments.NOTE).read_text().split()]
            assert [path for path in outside if path.is_dir()]
            regions = list(Path("/dev/shm").glob(f"{left.name}*"))
            assert regions
        finally:
            send(signal.SIGKILL, marked)
        assert parent.wait(LIMIT_S) == -signal.SIGKILL
    done = subprocess.run(
        program(repository), env=environment(home, temporary, Marked()), timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0
    assert list(temporary.iterdir()) == []
    assert not [path for path in (*regions, *outside) if path.exists()]
