from __future__ import annotations

import fcntl
import os
import stat
from types import SimpleNamespace

import pytest

from scanserve.contracts import ServerError
from scanserve.server import folders, shm


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The temporary folder that the environment names, and a usual one."""
    named, usual = tmp_path / "named", tmp_path / "usual"
    named.mkdir()
    usual.mkdir()
    monkeypatch.setattr(folders.tempfile, "tempdir", str(named))
    monkeypatch.setattr(folders, "_USUAL", (usual,))
    return named, usual


def made():
    folder, held = folders.make(shm.new_prefix())
    os.close(held)
    return folder


def test_a_folder_is_private_and_where_the_environment_says(places):
    folder = made()
    assert folder.parent == places[0]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "name", ["a b", "a;touch x", "a&b", "$(touch x)", "`x`", "Müller", "a\nb", "a'b", "~a*"]
)
def test_a_name_that_a_shell_would_read_is_passed_over(places, monkeypatch, name):
    odd = places[0] / name
    odd.mkdir()
    monkeypatch.setattr(folders.tempfile, "tempdir", str(odd))
    assert made().parent == places[1]
    assert list(odd.iterdir()) == []


def test_a_full_folder_is_passed_over(places, monkeypatch):
    really = os.statvfs

    def statvfs(path):
        found = really(path)
        free = 0 if path == places[0] else found.f_bavail
        return SimpleNamespace(f_bavail=free, f_frsize=found.f_frsize, f_flag=found.f_flag)

    monkeypatch.setattr(folders.os, "statvfs", statvfs)
    assert made().parent == places[1]


def test_a_folder_without_programs_is_passed_over(places, monkeypatch):
    found = os.statvfs(places[0])
    flags = {places[0]: os.ST_NOEXEC, places[1]: 0}
    monkeypatch.setattr(
        folders.os,
        "statvfs",
        lambda path: SimpleNamespace(f_bavail=found.f_bavail, f_frsize=found.f_frsize, f_flag=flags[path]),
    )
    assert made().parent == places[1]


def test_where_no_place_will_do_each_says_why(tmp_path, monkeypatch):
    odd = tmp_path / "a b"
    odd.mkdir()
    monkeypatch.setattr(folders.tempfile, "tempdir", str(odd))
    monkeypatch.setattr(folders, "_USUAL", (tmp_path / "absent",))
    with pytest.raises(
        ServerError, match=r"16 MiB free.*a b \(its name holds.*absent \(not a folder"
    ) as caught:
        made()
    assert caught.value.code == "machine-too-small"


def test_only_what_nobody_holds_is_swept(places):
    living, held = folders.make(shm.new_prefix())
    dead = made()
    (dead / "python_env_x").mkdir()
    in_usual = places[1] / shm.new_prefix()
    in_usual.mkdir()
    foreign = places[0] / "python_env_of_somebody"
    foreign.mkdir()
    folders.sweep()
    assert living.is_dir()
    assert foreign.is_dir()
    assert not dead.exists()
    assert not in_usual.exists()
    os.close(held)


def test_the_folder_of_a_living_server_of_an_earlier_version_stays(places):
    """It held its shared memory alone, and for itself."""
    prefix = shm.new_prefix()
    folder, lock = places[0] / prefix, shm.SHM / f"{prefix}_lock"
    folder.mkdir()
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        folders.sweep()
        assert folder.is_dir()
    folders.sweep()
    assert not folder.exists()
    shm.remove(prefix)
