import json

import pytest

from scanserve.contracts import InputError
from scanserve.perf.compare import LEAST_BOUND, Change, Value, compare, read_values, render

MACHINE = {"processor": "one", "cores": 2}


def bench(folder, rows, machine=MACHINE):
    folder.mkdir()
    (folder / "bench.json").write_text(json.dumps({"machine": machine, "rows": rows}))
    return folder


def row(name, ours, peer=None, noise=None):
    ratio = ours / peer if peer else None
    return {"name": name, "ours": ours, "unit": "s", "against": "gdcm", "noise": noise, "ratio": ratio}


def load(folder, rate, p95, machine=MACHINE):
    point = {"load": 2.0, "inferences_per_s": rate, "latency_ms": {"50": 10.0, "95": p95}}
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"machine": machine, "loads": {"quality": [point]}}))
    return folder


def verdicts(changes):
    return {change.name: change.verdict for change in changes}


def test_a_ratio_is_compared_whatever_the_machine(tmp_path):
    before = bench(tmp_path / "a", [row("reading", 1.0, 2.0, 0.01)])
    after = bench(tmp_path / "b", [row("reading", 3.0, 5.0, 0.01)], {"processor": "another", "cores": 8})
    (change,) = compare(before, after)
    assert change.change == pytest.approx(0.2)
    assert change.verdict == "SLOWER"


def test_an_absolute_value_is_compared_on_one_machine_only(tmp_path):
    before = bench(tmp_path / "a", [row("study", 20.0)])
    after = bench(tmp_path / "b", [row("study", 40.0)], {"processor": "another", "cores": 2})
    assert verdicts(compare(before, after)) == {"study": "another machine"}
    same = bench(tmp_path / "c", [row("study", 40.0)])
    assert verdicts(compare(before, same)) == {"study": "SLOWER"}
    assert verdicts(compare(same, before)) == {"study": "faster"}


@pytest.mark.parametrize(
    ("first", "second", "noise", "verdict"),
    [
        (1.0, 1.04, 0.0, "same"),
        (1.0, 1.06, 0.0, "SLOWER"),
        (1.0, 1.25, 0.2, "same"),
        (1.0, 1.3, 0.2, "SLOWER"),
    ],
)
def test_noise_of_both_sides_adds_up_as_squares(first, second, noise, verdict):
    change = Change(Value("x", first, "s", noise), Value("x", second, "s", noise))
    assert change.bound == pytest.approx(max(LEAST_BOUND, noise * 2**0.5))
    assert change.verdict == verdict


def test_more_inferences_are_better_and_a_longer_wait_is_worse(tmp_path):
    changes = compare(load(tmp_path / "a", 100.0, 20.0), load(tmp_path / "b", 50.0, 15.0))
    assert verdicts(changes) == {
        "quality at 2, inferences/s": "SLOWER",
        "quality at 2, p50": "same",
        "quality at 2, p95": "faster",
    }
    assert changes[0].change == pytest.approx(1.0)


def test_the_assumed_noise_decides_where_none_is_stated(tmp_path):
    before, after = bench(tmp_path / "a", [row("study", 10.0)]), bench(tmp_path / "b", [row("study", 11.5)])
    assert verdicts(compare(before, after)) == {"study": "same"}
    assert verdicts(compare(before, after, assumed_noise=0.05)) == {"study": "SLOWER"}


def test_what_only_one_result_has_is_said(tmp_path):
    before, after = bench(tmp_path / "a", [row("old", 1.0)]), bench(tmp_path / "b", [row("young", 1.0)])
    assert verdicts(compare(before, after)) == {"old": "gone", "young": "new"}
    assert "| young |  | 1 s |" in render(compare(before, after))


def test_a_value_of_zero_says_nothing():
    assert Change(Value("x", 0.0, "s", 0.0), Value("x", 1.0, "s", 0.0)).verdict == "same"


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"rows": [{}]}', '{"loads": {"a": [{}]}}', "{}"])
def test_other_files_are_refused(tmp_path, content):
    file = tmp_path / "bench.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InputError) as caught:
        read_values(file)
    assert caught.value.code == "perf-result-unreadable"


def test_the_committed_results_are_read():
    from tests.support.sources import ROOT

    assert len(read_values(ROOT / "perf" / "results" / "bench")) > 5
    assert len(read_values(ROOT / "perf" / "results" / "load" / "cpu")) > 5
