"""The latency plot."""

from scanserve.perf.analyzer import Measurement
from scanserve.perf.plot import plot_latency
from scanserve.perf.profiles import find_profile
from scanserve.perf.table import SweepPoint


def width(png):
    assert png[:4] == b"\x89PNG"
    return int.from_bytes(png[16:20], "big")


def test_one_picture_holds_every_load(tmp_path):
    rows = tuple(SweepPoint(load, load, {50: 1.0, 90: 1.0, 95: 2.0, 99: 2.0}, {}) for load in (1, 2))
    loads = find_profile("cpu").loads

    narrow, wide = (
        plot_latency([Measurement(load, rows) for load in loads[:count]], "title", tmp_path / f"{count}.png")
        for count in (1, 2)
    )

    assert width(wide.read_bytes()) == 2 * width(narrow.read_bytes())
