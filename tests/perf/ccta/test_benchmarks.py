"""The CCTA benchmarks' own arithmetic, and the geometry ones run once."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from scanserve.contracts import ResultError
from scanserve.perf.bench import Context
from scanserve.perf.ccta import benchmarks as ccta
from scanserve.perf.memory import Usage


def test_the_best_phase_is_judged_by_the_truth(tmp_path):
    phases = [{"percent": 40.0, "blur_mm": 1.5}, {"percent": 70.0, "blur_mm": 0.5}]
    truth = {"vessels": [{"abbreviation": name, "phases": phases} for name in ("RCA", "LAD", "LCX")]}
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    found = [
        {"vessel": "RCA", "found": True, "ranking": {"best": "70 %"}},
        {"vessel": "LAD", "found": True, "ranking": {"best": "40 %"}},
        {"vessel": "LCX", "found": False, "ranking": {"best": None}},
    ]

    text = ccta._best_phases(tmp_path, {"vessels": found})

    assert text == "phantom: best phase right in 1 of 3 vessels, mean excess blur 0.50 mm"
    assert ccta._best_phases(tmp_path / "elsewhere", {}) == "no truth beside the study"


def test_differences_say_how_far_and_how_many():
    ours = np.array([0, 0, 0, 3], np.int16)

    assert ccta._difference("HU", ours, np.zeros(4, np.int16)) == "differs by at most 3 HU, 25 % of voxels"
    assert ccta._difference("HU", ours, ours[:2]).startswith("shapes differ")


def test_stages_are_summed_longest_first():
    spans = [{"stage": stage, "duration_s": s} for stage, s in (("load", 1), ("serve", 5), ("load", 2))]

    assert ccta._stages({"timing": {"spans": spans}}) == "stages, overlapping: serve 5.0 s, load 3.0 s"


def test_files_are_linked_in_order(tmp_path):
    files = [tmp_path / name for name in ("b", "a")]
    for file in files:
        file.write_text(file.name)

    ccta._link(files, tmp_path / "out")

    assert [path.read_text() for path in sorted((tmp_path / "out").iterdir())] == ["b", "a"]


def test_a_failed_run_is_a_result_error(monkeypatch, tmp_path):
    usage = Usage(1.0, 4, "starting\nerror [server-absent]: nobody there\n", 0, 0, 0)
    monkeypatch.setattr(ccta, "run_timed", lambda _: usage)

    with pytest.raises(ResultError, match=r"status 4: error \[server-absent\]") as error:
        ccta.whole_study(Context(tmp_path, tmp_path))
    assert error.value.code == "bench-failed"


def test_a_study_is_timed_in_a_run_whose_memory_nobody_looks_at(monkeypatch, tmp_path):
    def run(seconds, together_mib):
        def write(command):
            out = Path(command[-1])
            out.mkdir()
            (out / "result.json").write_text('{"study": {"phases": [1, 2]}, "timing": {"spans": []}}')
            return Usage(seconds, 0, "", 0, 0, together_mib, seconds + 1)

        return write

    monkeypatch.setattr(ccta, "run_timed", run(20.0, 0))
    monkeypatch.setattr(ccta, "run_watched", run(30.0, 3000))
    monkeypatch.setattr(ccta, "_first_phases", lambda context: context.scratch)
    monkeypatch.setattr(ccta, "_best_phases", lambda study, result: "right")

    rows = ccta.whole_study(Context(tmp_path, tmp_path))
    assert [row.ours for row in rows] == [20.0, 21.0, 3000, 3000]


def test_the_command_is_the_installed_one():
    assert ccta._COMMAND[0] == sys.executable
    assert ccta._COMMAND[-1] == "ccta"


def test_the_phantom_heat_map_holds_the_whole_vessel(monkeypatch):
    monkeypatch.setattr(ccta, "CROP_SHAPE", (40, 40, 40))
    monkeypatch.setattr(ccta, "CROP_SPACING_MM", 128 * 0.9 / 40)
    values = ccta._heatmap("LAD").values

    assert values.shape == (40, 40, 40)
    assert values.max() > 100
    assert not values[[0, -1]].any()
