from __future__ import annotations

import os
import stat

import pytest

from scanserve.server import files


def test_a_log_is_private_and_keeps_its_predecessor(tmp_path):
    log = tmp_path / "deep" / "server.log"
    files.start_log(log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    log.write_text("before")
    files.start_log(log)
    assert log.read_text() == ""
    assert log.with_name("server.log.1").read_text() == "before"


def test_a_large_log_is_limited_while_its_writer_appends(tmp_path):
    log = tmp_path / "server.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        assert not files.limit_log(log, 100)
        writer.write(b"x")
        assert files.limit_log(log, 100)
        writer.write(b"after")
    assert log.read_bytes() == b"after"
    assert log.with_name("server.log.1").stat().st_size == 101


def test_a_state_folder_that_is_not_writable_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(files.tempfile, "tempdir", str(tmp_path))
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    assert files.log_folder() == tmp_path / f"scanserve-{os.getuid()}"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert files.log_folder() == tmp_path / "scanserve"
    assert files.new_log(1234).parent == tmp_path / "scanserve"


@pytest.fixture
def open_umask():
    """Let others in unless a program takes care by itself."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path):
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_a_rotated_log_is_private_whatever_umask_and_mode_there_were(tmp_path, open_umask):
    log = tmp_path / "server.log"
    log.write_text("before")
    previous = log.with_name("server.log.1")
    previous.write_text("the one before")
    files.start_log(log)
    assert [mode(log), mode(previous)] == ["0o600", "0o600"]
    previous.chmod(0o644)
    log.write_text("x" * 101)
    assert files.limit_log(log, 100)
    assert [mode(log), mode(previous)] == ["0o600", "0o600"]


def test_an_empty_log_of_another_mode_is_made_private(tmp_path):
    log = tmp_path / "server.log"
    log.touch(mode=0o644)
    files.start_log(log)
    assert mode(log) == "0o600"


def test_the_state_folder_is_private_even_if_it_was_not(tmp_path, monkeypatch, open_umask):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert mode(files.log_folder()) == "0o700"
    files.log_folder().chmod(0o755)
    assert mode(files.log_folder()) == "0o700"


def test_a_link_in_the_temporary_folder_is_nobody_s(tmp_path, monkeypatch):
    """Anybody may put one there, and lead the logs where they like."""
    monkeypatch.setattr(files.tempfile, "tempdir", str(tmp_path))
    blocked, elsewhere = tmp_path / "file", tmp_path / "elsewhere"
    blocked.touch()
    elsewhere.mkdir()
    (tmp_path / f"scanserve-{os.getuid()}").symlink_to(elsewhere)
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    folder = files.log_folder()
    assert folder.resolve() != elsewhere
    assert mode(folder) == "0o700"


def test_a_log_that_is_no_file_is_left_as_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o622)
    before = pipe.stat()
    files.start_log(pipe)
    assert not files.limit_log(pipe, 0)
    assert pipe.stat() == before
