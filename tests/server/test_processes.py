from __future__ import annotations

import os
import subprocess
import sys

from scanserve.server.processes import descendants, is_alive


def test_a_child_is_seen_until_it_ends():
    with subprocess.Popen(["sleep", "60"]) as child:
        assert child.pid in descendants(os.getpid())
        assert is_alive(child.pid)
        child.kill()
        child.wait()
    assert not is_alive(child.pid)
    assert child.pid not in descendants(os.getpid())


def test_a_zombie_is_not_alive():
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(child.pid)
    child.wait()


def test_grandchildren_count():
    with subprocess.Popen(["sh", "-c", "sleep 60 & echo; wait"], stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        (grandchild,) = descendants(child.pid)
        os.kill(grandchild, 9)
        child.wait()
