"""A click through a real server gives the corners of the same graph in this process."""

import pytest

from scanserve.perf.bench import Context
from scanserve.perf.spine import benchmarks

pytestmark = pytest.mark.live


def test_a_click_is_timed_by_both_networks_and_transports(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmarks, "_REPEAT", 3)
    rows = benchmarks.click(Context(tmp_path, tmp_path))

    assert [row.name for row in rows] == [
        "click, spine_unet, shared memory",
        "click, spine_unet, gRPC",
        "click, spine_hrnet, shared memory",
        "click, spine_hrnet, gRPC",
    ]
    for row in rows:
        assert row.peer > 0
        off, gap = (float(part.split()[0]) for part in (row.accuracy, row.accuracy.split("differ by ")[1]))
        assert 0 < off < 40
        assert gap < 0.05
