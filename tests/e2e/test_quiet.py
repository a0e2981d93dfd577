"""The product and the node in a network without a way out: nothing tries to leave, nothing is written elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scanserve.contracts.dat import TEST_SEED
from scanserve.contracts.telemetry import QUIET
from scanserve.geometry import Grid
from tests.support import sealed_network, written_files

pytestmark = pytest.mark.live
ROOT = Path(__file__).parents[2]
LIMIT_S = 500.0
#: Devices that hold nothing.
NOWHERE = {Path("/dev/null"), Path("/dev/tty")}


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """How a day ended, what left the machine, its folder, and what was written, or why that is not known."""
    if reason := sealed_network.possible():
        pytest.skip(f"no sealed network can be made here: {reason}")
    folder = tmp_path_factory.mktemp("day")
    write_studies(folder / "studies")
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    log, untraced = folder / "log", written_files.possible()
    command = [sys.executable, "-m", "tests.support.quiet_day", str(folder)]
    watched = command if untraced else written_files.traced(log, *command)
    done, left = sealed_network.watched(watched, environment(folder), LIMIT_S)
    return done, left, folder, untraced or written_files.written(log)


def write_studies(folder):
    from scanserve.phantoms.ccta.study import write_study as write_heart
    from scanserve.phantoms.dat import write_study as write_brain

    write_heart(folder / "heart", 11, 1, grid=Grid.centred((128, 208, 208), (0.98, 0.98, 0.98)))
    write_brain(folder / "brain", TEST_SEED + 2)


def environment(folder):
    """That of a user who has heard nothing of telemetry, with an empty home."""
    dropped = (*QUIET, "XDG_CACHE_HOME", "XDG_STATE_HOME", "CI", "TF_BUILD", "GITHUB_ACTIONS")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    own = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)}
    return {**kept, **own, "PYTHONDONTWRITEBYTECODE": "1"}


def test_the_day_is_done(day):
    done, *_ = day
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["done"]


def test_nothing_tries_to_leave(day):
    assert day[1] == []


def test_the_home_holds_caches_and_logs_of_our_own_only(day):
    home = day[2] / "home"
    ours = (".cache/scanserve", ".local/state/scanserve", ".cache/matplotlib", ".config/matplotlib")
    files = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert {file for file in files if not file.startswith(ours)} == set()
    assert [path.name for path in (day[2] / "tmp").iterdir()] == []


def test_nothing_is_written_outside_the_folders(day):
    _, _, folder, found = day
    if isinstance(found, str):
        pytest.skip(found)
    assert any(path.is_relative_to(folder / "node" / "work") for path in found), "the search itself works"
    elsewhere = {path for path in found if not path.is_relative_to(folder) and path not in NOWHERE}
    assert {path for path in elsewhere if not _is_of_a_process(path)} == set()


def _is_of_a_process(path):
    """Memory shared between processes of the server, which has gone with them, and what the kernel tells of one."""
    shared = path.is_relative_to("/dev/shm") and not path.exists()
    return shared or path.is_relative_to("/proc") or not path.is_absolute()
