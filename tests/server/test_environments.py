from __future__ import annotations

import os

from scanserve.server import environments
from scanserve.server.environments import found, note, remove_noted


def test_those_of_this_user_are_found(tmp_path, monkeypatch):
    for name in ("python_env_aB3dE6", "python_env_toolong1", "python_env_", "other"):
        (tmp_path / name).mkdir()
    assert found(tmp_path) == {"python_env_aB3dE6"}
    assert found(tmp_path / "absent") == frozenset()
    monkeypatch.setattr(environments.os, "getuid", lambda: os.geteuid() + 1)
    assert found(tmp_path) == frozenset()


def test_what_is_noted_goes_and_nothing_else(tmp_path):
    place, private = tmp_path / "place", tmp_path / "private"
    place.mkdir()
    private.mkdir()
    for name in ("python_env_empty1", "python_env_filled", "python_env_of_foe", "kept"):
        (place / name).mkdir()
    (place / "python_env_filled" / "file").touch()
    note({"python_env_empty1", "python_env_filled", "../place/kept", "kept", "python_env_absent"}, private)
    remove_noted(private, place)
    assert {path.name for path in place.iterdir()} == {"python_env_filled", "python_env_of_foe", "kept"}


def test_nothing_noted_is_nothing_to_do(tmp_path):
    remove_noted(tmp_path)
    note({"python_env_empty1"}, tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []
