from __future__ import annotations

import json
import socket
import sys
import time

import pytest

from scanserve.contracts import InputError
from scanserve.server import launcher, processes, shm
from scanserve.server.launcher import ServerProcess, choose_ports, last_error, shared_memory_key


def orders(tmp_path, *command, grace_s=2.0):
    private = tmp_path / "private"
    private.mkdir()
    return {
        "command": list(command),
        "environment": {"PATH": "/usr/bin:/bin"},
        "log": str(tmp_path / "log"),
        "private_folder": str(private),
        "shm_prefix": shm.new_prefix(),
        "grace_s": grace_s,
        "secrets": ["open-sesame"],
    }


def test_stop_ends_server_children_regions_and_folder(tmp_path):
    plan = orders(tmp_path, "sh", "-c", "sleep 60 & sleep 60 & wait")
    process = ServerProcess(plan)
    region = shm.SHM / f"{plan['shm_prefix']}region"
    region.touch()
    deadline = time.monotonic() + 60
    while len(children := processes.descendants(process.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    family = [process.guardian_pid, process.pid, *children]
    assert len(family) == 4
    process.stop()
    assert not [pid for pid in family if processes.is_alive(pid)]
    assert not list(shm.SHM.glob(f"{plan['shm_prefix']}*"))
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
