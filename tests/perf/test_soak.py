import os
import subprocess
import sys

import pytest

from scanserve.perf.soak import Growth, Holding, hold, judge_growth, soak


def holding(requests, memory=100.0, descriptors=10):
    return Holding(requests, memory, descriptors, 5, 1.0)


def verdicts(held):
    return {growth.what: growth.kept for growth in judge_growth(held)}


def test_all_shapes_are_asked_in_turn_and_looked_at_in_between():
    asked, looked = [], []
    held = soak(
        [lambda: asked.append("a"), lambda: asked.append("b")], 120, lambda n: looked.append(n) or holding(n)
    )
    assert (asked.count("a"), asked.count("b")) == (60, 60)
    assert looked == list(range(2, 121, 2))
    assert len(held) == 60


def test_what_fills_up_in_the_warm_up_is_no_growth():
    held = [holding(n, memory=min(100.0, 5.0 * n)) for n in range(1, 61)]
    assert all(verdicts(held).values())


def test_a_leak_is_found_where_it_is():
    held = [holding(n, memory=100.0 + n, descriptors=10) for n in range(60)]
    assert verdicts(held) == {"memory_mib": False, "descriptors": True, "threads": True, "shared_mib": True}


@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [(100, 103, True), (100, 104, False), (0, 0, True), (0, 1, False), (100, 50, True)],
)
def test_growth_is_relative(first, last, kept):
    growth = Growth("memory_mib", first, last)
    assert growth.kept is kept
    assert ("flat" if kept else "GROWS") in str(growth)


def test_what_processes_and_their_children_hold(tmp_path):
    region = tmp_path / "region"
    region.write_bytes(bytes(1 << 20))
    alone = hold([os.getpid()], [region, tmp_path / "gone"], 7)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        both = hold([os.getpid(), child.pid], [region], 8)
    finally:
        child.communicate(b"\n")
    assert alone.requests == 7
    assert alone.shared_mib == pytest.approx(1.0, abs=0.1)
    assert alone.memory_mib > 10
    assert both.threads == alone.threads + 1
