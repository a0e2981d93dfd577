"""``scanserve perf``, run in process."""

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scanserve.contracts import InputError, ResultError
from scanserve.contracts.ccta import CCTA
from scanserve.perf import session
from scanserve.perf.analyzer import Endpoint
from scanserve.perf.command import app
from scanserve.perf.verdict import LimitCheck, LoadVerdict
from tests.support.sources import ROOT

run = CliRunner().invoke


@pytest.fixture
def calls(monkeypatch):
    seen = []

    def fake(profile, endpoint, out, *, repository, note):
        (out / "inputs").mkdir(parents=True)
        seen.append((profile.name, endpoint, out, repository))
        return LoadVerdict((LimitCheck("a", "p95", 1, 2 if len(seen) == 1 else 0, True),))

    @contextmanager
    def embedded(configuration, models):
        assert models == CCTA.models
        yield Endpoint("here", configuration, {}), Path("models")

    monkeypatch.setattr(session, "run_profile", fake)
    monkeypatch.setattr(session, "embedded", embedded)
    return seen


def test_list_names_profiles_and_limits():
    output = run(app, ["list"]).output

    assert "cpu: " in output
    assert "centerline-shared-memory: p95 <= 4000 ms" in output


def test_run_starts_the_embedded_server_of_the_profile(calls, tmp_path):
    result = run(app, ["run", "cpu", "--out", str(tmp_path)])

    assert result.exit_code == 0
    assert calls == [("cpu", Endpoint("here", "cpu", {}), tmp_path / "cpu", Path("models"))]
    assert not (tmp_path / "cpu" / "inputs").exists()


def test_results_lie_in_the_folder_of_loads_by_default(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(app, ["run", "cpu"])

    assert calls[0][2] == Path("perf/results/load/cpu")


def test_run_against_a_running_server(calls, tmp_path):
    run(app, ["run", "t4", "--server", "host:8001", "--out", str(tmp_path)])

    assert calls[0][1].grpc == "host:8001"


def test_a_broken_limit_fails_the_command(calls, tmp_path):
    calls.append(None)
    result = run(app, ["run", "cpu", "--out", str(tmp_path)])

    assert isinstance(result.exception, ResultError)
    assert result.exception.code == "perf-limit-broken"


def test_an_unknown_profile_is_named():
    error = run(app, ["run", "h100"]).exception

    assert isinstance(error, InputError)
    assert error.code == "unknown-profile"


def test_compare_prints_the_table_and_fails_on_a_regression(tmp_path):
    for name, seconds in (("a", 1.0), ("b", 2.0)):
        row = {"name": "study", "ours": seconds, "unit": "s", "against": "", "noise": 0.1, "ratio": None}
        content = {"machine": {"processor": "one", "cores": 2}, "rows": [row]}
        (tmp_path / name).mkdir()
        (tmp_path / name / "bench.json").write_text(json.dumps(content))
    better = run(app, ["compare", str(tmp_path / "b"), str(tmp_path / "a")])
    assert better.exit_code == 0
    assert "| study | 2 s | 1 s | -50.0 % | 14.1 % | faster |" in better.output
    worse = run(app, ["compare", str(tmp_path / "a"), str(tmp_path / "b")])
    assert isinstance(worse.exception, ResultError)
    assert worse.exception.code == "perf-regression"
    assert "SLOWER" in worse.output


def test_capacity_says_how_many_instances():
    done = run(
        app, ["capacity", "--studies-per-hour", "600", "--results", str(ROOT / "perf/results/load/cpu")]
    )
    assert done.exit_code == 0
    assert "600 studies per hour need" in done.output
    done = run(app, ["capacity", "--studies-per-hour", "600", "--load", "quality"])
    assert done.exception.code == "capacity-load"
