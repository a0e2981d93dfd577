from __future__ import annotations

import os
import threading

import pytest

from scanserve.server import locks


def is_unheld(path):
    with locks.unheld(path) as free:
        return free


def test_a_lock_is_held_by_many_and_free_after_the_last(tmp_path):
    path = tmp_path / "lock"
    first, second = locks.hold(path, make=True), locks.hold(path)
    assert not is_unheld(path)
    os.close(first)
    assert not is_unheld(path)
    os.close(second)
    assert is_unheld(path)


def test_a_folder_is_held_as_well(tmp_path):
    held = locks.hold(tmp_path)
    assert not is_unheld(tmp_path)
    os.close(held)
    assert is_unheld(tmp_path)


def test_what_is_not_there_is_not_ours_to_sweep(tmp_path):
    assert not is_unheld(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        locks.hold(tmp_path / "absent")


def test_a_link_is_never_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert not is_unheld(tmp_path / "link")
    with pytest.raises(OSError, match="symbolic links"):
        locks.hold(tmp_path / "link")


def test_another_user_s_is_not_ours_to_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(locks.os, "geteuid", lambda: os.getuid() + 1)
    assert not is_unheld(tmp_path)


def test_who_waits_while_it_is_swept_gets_a_new_one(tmp_path):
    path = tmp_path / "lock"
    path.touch()
    got = []
    with locks.unheld(path) as free:
        assert free
        waiting = threading.Thread(target=lambda: got.append(locks.hold(path, make=True)))
        waiting.start()
        path.unlink()
    waiting.join(60)
    assert os.path.samestat(os.fstat(got[0]), path.stat())
    os.close(got[0])
