from __future__ import annotations

import os
import stat

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
