import os
import subprocess
import sys
import threading

import pytest

from scanserve.perf.halves import Halves, halved


@pytest.mark.parametrize(
    ("processors", "server", "callers"),
    [([3], (3,), (3,)), ([1, 0], (0,), (1,)), (range(5), (0, 1), (2, 3, 4))],
)
def test_every_processor_is_used_and_none_twice_but_a_single_one(processors, server, callers):
    assert Halves.of(processors) == Halves(server, callers)


def test_what_is_started_first_keeps_its_half_and_all_threads_move():
    all_of_them = os.sched_getaffinity(0)
    done = threading.Event()
    waiting = threading.Thread(target=done.wait)
    waiting.start()
    with halved() as halves:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        halves.become_callers()
        assert os.sched_getaffinity(child.pid) == set(halves.server)
        assert os.sched_getaffinity(waiting.native_id) == set(halves.callers)
        assert os.sched_getaffinity(0) == set(halves.callers)
    assert os.sched_getaffinity(0) == os.sched_getaffinity(waiting.native_id) == all_of_them
    done.set()
    waiting.join()
    child.communicate(b"\n")
