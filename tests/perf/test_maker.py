"""The maker of studies ends with the process that started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_PARENT = """
import os, time
from scanserve.perf.maker import study_maker
if __name__ == "__main__":
    with study_maker() as maker:
        print(maker.submit(os.getpid).result(), flush=True)
        maker.submit(time.sleep, 600).result()
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent(tmp_path, number):
    program = tmp_path / "parent.py"
    program.write_text(_PARENT)
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as parent:
        maker = int(parent.stdout.readline())
        assert is_alive(maker)
        parent.send_signal(number)
    until = time.monotonic() + 30
    while is_alive(maker) and time.monotonic() < until:
        time.sleep(0.05)
    alive = is_alive(maker)
    if alive:
        os.kill(maker, signal.SIGKILL)
    assert not alive
