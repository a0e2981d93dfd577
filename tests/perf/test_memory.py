"""Watching a command with its processes."""

import sys

from scanserve.perf.memory import run_timed, run_watched

MIB = 1 << 20


def test_memory_and_output_of_a_command_are_seen():
    held = 64
    code = f"import time; held = bytearray(b'1') * ({held} * {MIB}); time.sleep(1.5); print('done')"
    usage = run_watched([sys.executable, "-c", code])

    assert (usage.status, usage.output) == (0, "done\n")
    assert held <= usage.client_mib < held + 100
    assert usage.server_mib == 0
    assert usage.seconds > 1.5


def test_processes_named_as_the_server_are_counted_apart(tmp_path):
    server = tmp_path / "tritonserver"
    server.symlink_to("/bin/sleep")
    code = f"import subprocess; subprocess.run([{str(server)!r}, '1.5'])"
    usage = run_watched([sys.executable, "-c", code])

    assert usage.server_mib > 0
    assert usage.together_mib >= usage.client_mib


def test_a_failure_keeps_its_status_and_words():
    usage = run_watched([sys.executable, "-c", "import sys; sys.exit('no good')"])

    assert (usage.status, usage.output) == (1, "no good\n")


def test_the_processor_time_of_children_counts(tmp_path):
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(8_000_000))'], check=True)"
    )
    usage = run_watched([sys.executable, "-c", code])
    assert usage.status == 0
    assert 0.05 < usage.processor_s < 60


def test_a_run_that_is_timed_is_left_alone():
    code = "import time; held = bytearray(b'1') * (1 << 26); time.sleep(0.6); print('done')"
    usage = run_timed([sys.executable, "-c", code])
    assert (usage.status, usage.output) == (0, "done\n")
    assert usage.seconds > 0.6
    assert (usage.client_mib, usage.server_mib, usage.together_mib) == (0, 0, 0)
