"""The files of a run."""

import json
from pathlib import Path

from scanserve.perf import results
from scanserve.perf.analyzer import Measurement
from scanserve.perf.profiles import find_profile
from scanserve.perf.results import machine, model_facts, write_results
from scanserve.perf.table import SweepPoint
from scanserve.perf.verdict import judge

PROFILE = find_profile("cpu")
COMMITTED = Path(__file__).parents[2] / "perf" / "results"


def measurements(rate):
    row = SweepPoint(1, rate, {50: 1.0, 90: 2.0, 95: 3.0, 99: 4.0}, {})
    return [Measurement(load, (row,)) for load in PROFILE.loads]


def written(tmp_path, rate):
    items = measurements(rate)
    path = write_results(tmp_path, PROFILE, items, judge(items), {"machine": machine()})
    return json.loads(path.read_text())


def test_json_verdict_and_plot_are_written(tmp_path):
    result = written(tmp_path, 100)

    assert result["passed"] is True
    assert set(result["loads"]) == {load.name for load in PROFILE.loads}
    assert (tmp_path / "latency.png").read_bytes().startswith(b"\x89PNG")
    assert "every limit is kept" in (tmp_path / "verdict.md").read_text()


def test_a_broken_limit_is_said_first(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "plot_latency", lambda *_: None)
    assert written(tmp_path, 0.001)["passed"] is False
    assert "BROKEN" in (tmp_path / "verdict.md").read_text().splitlines()[0]


def test_the_machine_is_described_without_its_name():
    facts = machine()

    assert facts["cores"] >= 1
    assert not any("host" in name or "node" in name for name in facts)


def test_model_facts_stand_for_an_ensembles_steps(tmp_path):
    (tmp_path / "ccta_stage1" / "1").mkdir(parents=True)
    (tmp_path / "ccta_stage1" / "1" / "model.onnx").write_bytes(b"")
    (tmp_path / "ccta_stage1" / "parity.json").write_text('{"max": 1}')

    facts = model_facts(tmp_path, ["ccta_centerline", "ccta_quality"])

    assert list(facts) == ["ccta_normalize", "ccta_stage1", "ccta_crop", "ccta_stage2", "ccta_quality"]
    assert facts["ccta_stage1"]["sha256"].startswith("e3b0c442")
    assert facts["ccta_stage1"]["parity"] == {"max": 1}


def test_committed_results_are_whole():
    for path in COMMITTED.glob("*/result.json"):
        result = json.loads(path.read_text())
        assert result["loads"]
        for name in result["loads"]:
            assert (path.parent / f"{name}.csv").is_file()
