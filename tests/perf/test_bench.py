"""The benchmark frame: rows, turns, the choice of benchmarks, and what is written."""

import json
import statistics

import pytest

from scanserve.contracts import InputError
from scanserve.perf import bench
from scanserve.perf.bench import BenchmarkRow, Context, Turns, in_turns, render_table, run_benchmarks

ROWS = (
    BenchmarkRow("one", 1.0, 2.0, "s", "a peer", "differs by 0"),
    BenchmarkRow("two", 3.0, None, "MiB", "", "right in 3 of 3", "4 MiB"),
)


@pytest.fixture
def seen(monkeypatch):
    contexts = []

    def first(context: Context):
        assert context.scratch.is_dir()
        contexts.append(context)
        return ROWS[:1]

    monkeypatch.setattr(bench, "_all_benchmarks", lambda: {"first": first, "second": lambda _: ROWS[1:]})
    return contexts


def test_ratio_is_ours_over_the_peers():
    assert [row.ratio for row in ROWS] == [0.5, None]


def test_turns_alternate_after_one_untimed_call_each():
    calls = []
    turns = in_turns(lambda: calls.append("ours"), lambda: calls.append("peer"), repeat=2)

    assert calls == ["ours", "peer"] * 3
    assert all(value >= 0 for value in (turns.ours, turns.peer))


def test_turns_state_medians_and_what_noise_explains():
    turns = Turns(((1.0, 2.0), (1.1, 2.0), (0.9, 2.0), (9.0, 2.0)))
    assert (turns.ours, turns.peer) == (1.05, 2.0)
    ratios = [0.5, 0.55, 0.45, 4.5]
    middle = statistics.median(ratios)
    deviation = 1.4826 * statistics.median(abs(ratio - middle) for ratio in ratios)
    assert turns.noise == pytest.approx(1.2533 * 1.96 * deviation / 2 / middle)
    assert Turns(((1.0, 2.0),) * 5).noise == 0
    assert Turns(((1.0, 2.0),) * 2).noise is None


def test_every_row_is_yielded_and_written(seen, tmp_path):
    lines = list(run_benchmarks(tmp_path, tmp_path / "out"))

    assert lines[0] == "one: 1 s, a peer 2 s, ratio 0.50; differs by 0"
    written = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert [row["ratio"] for row in written["rows"]] == [0.5, None]
    assert "| two | 3 MiB |" in (tmp_path / "out" / "bench.md").read_text()
    assert (tmp_path / "out" / "bench.png").is_file()
    assert not seen[0].scratch.exists()


def test_only_what_was_asked_for_runs(seen, tmp_path):
    assert len(list(run_benchmarks(tmp_path, tmp_path / "out", only=["second"]))) == 1
    assert seen == []


@pytest.mark.parametrize(
    ("study", "only", "code"), [("nowhere", None, "study-missing"), (".", ["third"], "unknown-benchmark")]
)
def test_bad_arguments_are_named_before_anything_runs(seen, tmp_path, study, only, code):
    with pytest.raises(InputError) as error:
        list(run_benchmarks(tmp_path / study, tmp_path / "out", only=only))

    assert error.value.code == code
    assert seen == []


def test_the_table_is_rectangular():
    lines = render_table(ROWS).splitlines()

    assert {line.count("|") for line in lines} == {8}


def test_the_applications_bring_their_benchmarks():
    assert set(bench._all_benchmarks()) == {
        "study",
        "serving",
        "gate",
        "requests",
        "reading",
        "straightening",
        "centerlines",
        "forward",
        "node",
        "dat",
        "click",
    }
