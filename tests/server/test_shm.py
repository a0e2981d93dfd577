from __future__ import annotations

import os

from scanserve.server import shm


def test_prefixes_differ():
    assert shm.new_prefix() != shm.new_prefix()


def test_sweep_removes_what_nobody_holds_and_nothing_else(tmp_path):
    held, stale = shm.new_prefix(), shm.new_prefix()
    lock = shm.hold(held, tmp_path)
    os.close(shm.hold(stale, tmp_path))
    foreign = "triton_python_backend_shm_region_1"
    for name in (f"{held}region", f"{stale}region", foreign):
        (tmp_path / name).touch()
    assert shm.sweep(tmp_path) == (stale,)
    assert {path.name for path in tmp_path.iterdir()} == {f"{held}region", f"{held}_lock", foreign}
    os.close(lock)
    assert shm.sweep(tmp_path) == (held,)
    assert [path.name for path in tmp_path.iterdir()] == [foreign]


def test_a_launch_lives_while_somebody_holds_its_lock(tmp_path):
    prefix = shm.new_prefix()
    assert not shm.is_held(prefix, tmp_path)
    lock = shm.hold(prefix, tmp_path)
    assert shm.is_held(prefix, tmp_path)
    os.close(lock)
    assert not shm.is_held(prefix, tmp_path)
