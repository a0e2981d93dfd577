"""``scanserve perf``, run in process."""

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
