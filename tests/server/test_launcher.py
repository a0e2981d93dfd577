from __future__ import annotations

import dataclasses
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scanserve.contracts import InputError, ServerError
from scanserve.server import launcher, processes, shm
from scanserve.server.launcher import (
    Launch,
    ServerProcess,
    choose_ports,
    last_error,
    shared_memory_key,
    still_loading,
)
from scanserve.server.options import Ports
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


def test_a_guardian_that_does_not_answer_is_not_waited_for(tmp_path, monkeypatch):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o700)
    monkeypatch.setattr(launcher.sys, "executable", str(program))
    monkeypatch.setattr(launcher, "_GUARDIAN_ANSWER_S", 0.2)
    monkeypatch.setattr(launcher, "_GUARDIAN_EXTRA_S", 0.2)
    with pytest.raises(ServerError, match=r"did not start it within 0\.2 s") as caught:
        ServerProcess(orders(tmp_path, "true", grace_s=0.2))
    assert caught.value.code == "server-start-timeout"
    assert not [pid for pid in processes.descendants(os.getpid()) if "sleep" in command_line(pid)]


def test_what_a_killed_guardian_leaves_goes_with_stop(tmp_path):
    """Also a stub whose server has obeyed the kernel and is gone, so that nobody is its parent any more."""
    plan = orders(tmp_path, "sh", "-c", "sleep 60 & exec sleep 60")
    mark = shm.mark(plan.shm_prefix)
    process = ServerProcess(plan)
    (shm.SHM / f"{plan.shm_prefix}region").touch()
    deadline = time.monotonic() + 60
    while len(processes.marked(mark)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.guardian_pid, signal.SIGKILL)
    while processes.is_alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(processes.marked(mark)) == 1
    process.stop()
    assert not processes.marked(mark)
    assert not list(shm.SHM.glob(f"{plan.shm_prefix}*"))
    assert not plan.private_folder.exists()


def test_the_server_may_open_more_files_than_the_soft_limit_says(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        process = ServerProcess(orders(tmp_path, "sh", "-c", "ulimit -n"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    deadline = time.monotonic() + 60
    while process.exit_status() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert int((tmp_path / "log").read_text()) == min(hard, 4096)
    process.stop()


def test_death_names_what_ended(tmp_path):
    """Stubs are known by the region that they are told; what else a server starts may end."""
    plan = orders(
        tmp_path,
        "sh",
        "-c",
        "sleep 60 & sh -c 'sleep 60; : $0' \"$PREFIX\" & sh -c 'sleep 60; : $0' \"$PREFIX\" & wait",
    )
    plan = dataclasses.replace(plan, environment={**plan.environment, "PREFIX": plan.shm_prefix + "region"})
    process = ServerProcess(plan)
    deadline = time.monotonic() + 60
    while len(process.stubs) < 2 and time.monotonic() < deadline:
        process.count_stubs(2)
    assert process.death() == ""
    assert len(process.stubs) == 2
    os.kill(process.stubs[0], signal.SIGKILL)
    while not process.death() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.death() == "1 of 2 stubs died"
    process.count_stubs(3)
    assert process.death() == "2 of 3 stubs died"  # one that was never seen has died too
    process.stop()
    assert "the server ended with status" in process.death()


def test_a_death_that_is_about_to_show_is_waited_for(tmp_path):
    process = ServerProcess(orders(tmp_path, "sleep", "60"))
    assert process.death_within(0.05) == ""
    killer = threading.Timer(0.3, os.kill, (process.pid, signal.SIGKILL))
    killer.start()
    assert process.death_within(60) != ""
    killer.join()
    process.stop()


def test_a_program_in_the_private_folder_that_is_told_no_region_is_no_stub(tmp_path):
    """While a model loads, Triton runs the stub's program without arguments, in a shell, to see whether it starts."""
    plan = orders(tmp_path, "sh", "-c", "sh -c 'sleep 60; : $0' \"$PROGRAM\" & wait")
    program = str(tmp_path / plan.shm_prefix / "stub")
    process = ServerProcess(dataclasses.replace(plan, environment={**plan.environment, "PROGRAM": program}))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(
        program in processes.arguments(pid) for pid in processes.descendants(process.pid)
    ):
        time.sleep(0.02)
    process.look_for_stubs()
    assert process.stubs == ()
    process.stop()


@pytest.mark.parametrize("levels", [1, 2])
def test_a_fork_that_has_not_started_its_program_is_no_stub(tmp_path, levels):
    """It has the arguments of its parent, which name the region, until it starts what it is for, and may end soon."""
    fork = "import os, sys, time; int(sys.argv[1]) and os.fork(); time.sleep(60)"
    stub = f"import os, subprocess, sys; subprocess.run([sys.executable, '-c', {fork!r}, *sys.argv[1:]])"
    plan = orders(tmp_path, sys.executable, "-c", fork if levels == 1 else stub, "1")
    plan = dataclasses.replace(plan, command=(*plan.command, f"{plan.shm_prefix}region"))
    process = ServerProcess(plan)
    deadline = time.monotonic() + 60
    while len(processes.descendants(process.pid)) < levels and time.monotonic() < deadline:
        process.look_for_stubs()
    process.look_for_stubs()
    assert len(processes.descendants(process.pid)) == levels
    assert len(process.stubs) == levels - 1
    process.stop()


def test_a_server_is_dead_before_its_guardian_says_so(tmp_path):
    process = ServerProcess(orders(tmp_path, "sleep", "60"))
    os.kill(process.guardian_pid, signal.SIGSTOP)
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while processes.is_alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.death() == "the server ended"
    os.kill(process.guardian_pid, signal.SIGCONT)
    process.stop()


def launch(tmp_path):
    return Launch(tmp_path, (), Ports(1, 2, 3), tmp_path / "log", "k" * 16)


def test_a_start_ends_what_a_dead_launch_left_running(tmp_path, monkeypatch):
    prefix = shm.new_prefix()
    held = shm.hold(prefix)
    with subprocess.Popen(["sleep", "60"], env={shm.MARK: prefix}) as orphan:
        os.close(held)
        monkeypatch.setattr(launcher, "find_runtime", lambda: None)
        monkeypatch.setattr(launcher, "check_machine", lambda models: sys.exit("far enough"))
        with pytest.raises(SystemExit):
            launch(tmp_path).start()
        assert orphan.wait(60) == -signal.SIGKILL
    assert not list(shm.SHM.glob(f"{prefix}*"))


def test_a_folder_that_fills_up_meanwhile_is_a_sentence_and_leaves_nothing(tmp_path, monkeypatch):
    """Copying a tree gathers its errors in a list, of which a user sees the first one's reason."""
    monkeypatch.setattr(launcher.folders.tempfile, "tempdir", str(tmp_path))

    def full(runtime, target):
        raise shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'"), ("c", "d", "e")])

    monkeypatch.setattr(launcher, "build_backend_directory", full)
    monkeypatch.setattr(launcher, "find_runtime", lambda: None)
    with pytest.raises(
        ServerError, match=r"cannot be filled: \[Errno 28\] No space left on device: 'b'\.$"
    ) as caught:
        launch(tmp_path).start()
    assert caught.value.code == "server-start-failed"
    assert list(tmp_path.iterdir()) == []


def test_a_cache_whose_name_is_no_text_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", f"{tmp_path}/\udcff")
    assert launcher._openvino_cache() is None
    monkeypatch.setenv("XDG_CACHE_HOME", f"{tmp_path}/Müller")
    assert launcher._openvino_cache() == Path(f"{tmp_path}/Müller/scanserve/openvino")


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


def test_last_error_is_not_what_every_start_without_a_gpu_says(tmp_path):
    log = tmp_path / "log"
    cuda = '2026-01-01T00:00:00Z E 1 server.cc:241] "CudaDriverHelper has not been initialized."\n'
    log.write_text(cuda)
    assert last_error(log) == ""
    log.write_text(
        cuda + "terminate called after throwing an instance of 'std::system_error'\n  what():  no thread\n"
    )
    assert last_error(log) == "no thread"


def test_models_that_are_still_loading_are_known_from_the_log(tmp_path):
    log = tmp_path / "log"
    lines = ("loading: a:1", "loading: b:1", "successfully loaded 'a'", "loading: c:1", "failed to load 'x'")
    log.write_text("".join(f'2026-01-01T00:00:00Z I 1 model_lifecycle.cc:1] "{line}"\n' for line in lines))
    assert still_loading(log) == ("b", "c")
    assert still_loading(tmp_path / "absent") == ()
