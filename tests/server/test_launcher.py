from __future__ import annotations

import dataclasses
import json
import socket
import sys
import time

import pytest

from scanserve.contracts import InputError, ServerError
from scanserve.server import launcher, processes, shm
from scanserve.server.launcher import ServerProcess, choose_ports, last_error, shared_memory_key
from scanserve.server.orders import Orders


def orders(tmp_path, *command, grace_s=2.0):
    private = tmp_path / "private"
    private.mkdir()
    return Orders(
        command=command,
        environment={"PATH": "/usr/bin:/bin"},
        log_path=tmp_path / "log",
        private_folder=private,
        shm_prefix=shm.new_prefix(),
        grace_s=grace_s,
        secrets=("open-sesame",),
    )


def test_stop_ends_server_children_regions_and_folder(tmp_path):
    plan = orders(tmp_path, "sh", "-c", "sleep 60 & sleep 60 & wait")
    process = ServerProcess(plan)
    region = shm.SHM / f"{plan.shm_prefix}region"
    region.touch()
    deadline = time.monotonic() + 60
    while len(children := processes.descendants(process.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    family = [process.guardian_pid, process.pid, *children]
    assert len(family) == 4
    process.stop()
    assert not [pid for pid in family if processes.is_alive(pid)]
    assert not list(shm.SHM.glob(f"{plan.shm_prefix}*"))
    assert not (tmp_path / "private").exists()
    process.stop()


def test_a_server_that_ignores_sigterm_is_killed(tmp_path):
    process = ServerProcess(orders(tmp_path, "sh", "-c", "trap '' TERM; sleep 60 & wait; wait", grace_s=0.3))
    time.sleep(0.1)
    process.stop()
    assert not processes.is_alive(process.pid)


def test_a_server_that_ends_is_reported_and_its_output_logged(tmp_path):
    process = ServerProcess(orders(tmp_path, "sh", "-c", "echo hello; exit 7"))
    deadline = time.monotonic() + 60
    while process.exit_status() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.exit_status() == 7
    assert (tmp_path / "log").read_text() == "hello\n"
    process.stop()


def test_a_guardian_that_crashes_leaves_its_reason_in_the_log_and_in_the_error(tmp_path):
    log = tmp_path / "log"
    log.write_text("an earlier line\n")
    with pytest.raises(ServerError, match=r"could not be started: .*No such file.*'/no/server'") as caught:
        ServerProcess(orders(tmp_path, "/no/server"))
    assert caught.value.code == "server-start-failed"
    text = log.read_text()
    assert text.startswith("an earlier line\nTraceback")
    assert "open-sesame" not in text
    assert not (tmp_path / "private").exists()


def test_a_log_that_cannot_be_written_is_a_coded_error(tmp_path):
    plan = dataclasses.replace(orders(tmp_path, "true"), log_path=tmp_path / "absent" / "log")
    with pytest.raises(ServerError, match=r"could not be started: .*absent/log") as caught:
        ServerProcess(plan)
    assert caught.value.code == "server-start-failed"


def test_a_guardian_that_cannot_even_start_leaves_its_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(launcher, "_guardian_environment", lambda: {"PYTHONPATH": ""})
    monkeypatch.setattr(launcher.sys, "executable", "/bin/false")
    with pytest.raises(ServerError, match="no reason was logged"):
        ServerProcess(orders(tmp_path, "true"))
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho the interpreter is broken >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr(launcher.sys, "executable", str(program))
    (tmp_path / "again").mkdir()
    with pytest.raises(ServerError, match="the interpreter is broken"):
        ServerProcess(orders(tmp_path / "again", "true"))


def test_secrets_are_hidden_from_the_command_line(tmp_path):
    process = ServerProcess(
        orders(tmp_path, sys.executable, "-c", "import time; time.sleep(60)", "open-sesame")
    )
    process.hide_secrets()
    deadline = time.monotonic() + 60
    while "open-sesame" in (shown := command_line(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.stop()
    assert shown.rstrip("\0").endswith("***********")


def command_line(pid):
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read()


def test_ports_are_free_and_differ():
    ports = choose_ports()
    assert len({ports.grpc, ports.http, ports.metrics}) == 3


def test_a_taken_port_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=str(port)) as caught:
            choose_ports(grpc=port)
    assert caught.value.code == "port-in-use"


def test_the_key_is_random_or_the_variable(monkeypatch):
    monkeypatch.delenv(launcher.SHM_KEY_VARIABLE, raising=False)
    assert shared_memory_key() != shared_memory_key()
    monkeypatch.setenv(launcher.SHM_KEY_VARIABLE, "a" * 20)
    assert shared_memory_key() == "a" * 20
    monkeypatch.setenv(launcher.SHM_KEY_VARIABLE, "two words: no")
    with pytest.raises(InputError) as caught:
        shared_memory_key()
    assert caught.value.code == "shared-memory-key"


def test_last_error_prefers_the_model_that_failed(tmp_path):
    log = tmp_path / "log"
    failed = json.dumps("failed to load 'm' version 1: Internal: no\nAt: x")
    log.write_text(
        '2026-01-01T00:00:00Z E 1 server.cc:241] "CudaDriverHelper has not been initialized."\n'
        f"2026-01-01T00:00:00Z E 1 model_lifecycle.cc:642] {failed}\n"
        "error: creating server: Internal - failed to load all models\n"
    )
    assert last_error(log) == "failed to load 'm' version 1: Internal: no"
    log.write_text('2026-01-01T00:00:00Z I 1 fine] "x"\nerror: creating server: no port\n')
    assert last_error(log) == "error: creating server: no port"
    assert last_error(tmp_path / "absent") == ""
