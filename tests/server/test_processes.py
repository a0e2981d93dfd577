from __future__ import annotations

import os
import subprocess
import sys

from scanserve.server.processes import arguments, descendants, end_marked, is_alive, marked, parent


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


def test_arguments_are_those_of_the_program():
    with subprocess.Popen(["sleep", "60"]) as child:
        while arguments(child.pid)[:1] != ("sleep",):
            pass
        assert arguments(child.pid) == ("sleep", "60")
        child.kill()
        child.wait()
    assert arguments(child.pid) == ()


def test_who_has_a_mark_is_found_and_ended():
    mark = "SCANSERVE_SOME_MARK=a b"
    name, value = mark.split("=")
    sleep = ["sleep", "60"]
    with (
        subprocess.Popen(sleep, env={name: value}) as child,
        subprocess.Popen(sleep, env={name: f"{value} c"}) as other,
    ):
        while marked(mark) != (child.pid,):
            pass
        end_marked(mark, 60)
        assert child.wait(60) == -9
        assert marked(mark) == ()
        assert is_alive(other.pid)
        other.kill()


def test_the_parent_of_a_process_is_who_started_it():
    with subprocess.Popen(["sleep", "60"]) as child:
        assert parent(child.pid) == os.getpid()
        child.kill()
    assert parent(child.pid) == 0
