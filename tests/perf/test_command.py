"""``scanserve perf``, run in process."""

import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from scanserve.contracts import InputError, ResultError, SetupError
from scanserve.contracts.ccta import CCTA
from scanserve.contracts.dat import DAT
from scanserve.contracts.spine import SPINE
from scanserve.evaluation.tree import Coverage
from scanserve.perf import ccta, session
from scanserve.perf.ablation import Columns, Measured
from scanserve.perf.analyzer import Endpoint
from scanserve.perf.ccta.networks import Found, NetworksReport
from scanserve.perf.ccta.outcomes import Outcome
from scanserve.perf.command import app
from scanserve.perf.selection import Selection
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
        assert models == (*CCTA.models, *SPINE.models, *DAT.models)  # the profile loads all three
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


@pytest.fixture
def measured(monkeypatch):
    """The networks measured by the command, with a report of one heart."""
    seen = []

    def measure(selection, hearts, variants, *, first_seed, note):
        seen.append((selection, hearts, tuple(variants), first_seed))
        for variant in variants:
            assert (variant.repository / "ccta_stage1" / "1" / "model.onnx").is_file()
        coverage = Coverage(9, 8, 9, 8)
        outcomes = tuple(Outcome(name, 0.9, 0.5, 3.0, coverage, coverage) for name in ("RCA", "LAD", "LCX"))
        return NetworksReport("volumes", (Found(1, "a", {v.name: outcomes for v in variants}),))

    monkeypatch.setattr(ccta, "NETWORKS", measure)
    return seen


def test_networks_are_measured_with_and_without_a_channel(measured, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCANSERVE_MODEL_REPOSITORY", str(ROOT / "model_repository"))
    options = ["--into", "one", "--population", "plain", "--unenhanced", "--hearts", "2", "--first-seed", "9"]
    done = run(app, ["networks", "ccta", *options, "--without", "mean", "--without", "evidence"])
    assert done.exit_code == 0, done.exception
    ((selection, hearts, variants, first_seed),) = measured
    assert selection == Selection("plain", (Path("one"),), unenhanced=True)
    assert (hearts, first_seed) == (2, 9)
    names = [("served", None), ("without mean", "mean"), ("without evidence", "evidence")]
    assert [(variant.name, variant.without) for variant in variants] == names
    assert "chain: true tree found" in done.output
    folder = tmp_path / "perf/results/networks/ccta/one"
    assert {file.name for file in folder.iterdir()} == {"networks.json", "networks.md", "networks.png"}
    assert json.loads((folder / "networks.json").read_text())["command"] == (
        "scanserve perf networks ccta --hearts 2 --population plain --into one --unenhanced "
        "--without mean --without evidence"
    )


@pytest.mark.torch
def test_other_weights_are_measured_beside_those_that_are_served(measured, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(ROOT / "weights" / "ccta_stage1", old / "ccta_stage1")
    done = run(app, ["networks", "ccta", "--weights", str(old), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.exception
    assert [variant.name for variant in measured[0][2]] == ["served", "old"]
    facts = json.loads((tmp_path / "out" / "networks.json").read_text())["variants"]
    assert facts[0]["models"] == facts[1]["models"]  # the same weights give the same graph


def test_a_folder_without_weights_is_named(measured, tmp_path):
    error = run(app, ["networks", "ccta", "--weights", str(tmp_path)]).exception
    assert isinstance(error, SetupError)
    assert error.code == "weights-missing"


def test_a_column_of_accuracy_has_a_folder_of_its_own(monkeypatch):
    seen = []

    def measure(application, count, out, *, selection, first_seed, keep):
        seen.append((application, count, out, selection))
        return iter(["done"])

    monkeypatch.setattr("scanserve.perf.accuracy.measure_accuracy", measure)
    run(app, ["accuracy", "ccta", "--studies", "2"])
    options = ["--into", "a/one", "--into", "two", "--phases", "3", "--override-eligibility", "why"]
    run(app, ["accuracy", "ccta", "--studies", "2", *options])
    results = Path("perf/results/accuracy/ccta")
    chosen = Selection(into=(Path("a/one"), Path("two")), phases="3", override="why")
    assert seen == [("ccta", 2, results, Selection()), ("ccta", 2, results / "one+two", chosen)]


def test_an_application_of_one_population_refuses_another():
    error = run(app, ["accuracy", "dat", "--population", "plain"]).exception
    assert isinstance(error, InputError)
    assert error.code == "one-population"


def test_every_measurement_is_a_command():
    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    measured = {"run", "list", "bench", "compare", "capacity", "waterfall", "overload", "soak", "scaling"}
    assert names == measured | {"accuracy", "networks", "ablation"}


def test_an_unknown_variant_of_an_ablation_is_named(tmp_path):
    pytest.importorskip("torch")
    error = run(app, ["ablation", "spine", "--only", "nothing", "--run", str(tmp_path)]).exception
    assert error.code == "unknown-variant"
    assert list(tmp_path.iterdir()) == []


def test_an_ablation_measures_every_network_that_is_trained(monkeypatch, tmp_path):
    """The command brings together what the application trains and what it measures with."""
    pytest.importorskip("torch")
    from scanserve.training import ccta as training

    asked = []

    def ablate(names, seconds, sources):
        asked.append((names, seconds, sources.cache, sources.weights, sources.hosts))
        for number, name in enumerate(("wide", "narrow"), 1):
            yield SimpleNamespace(name=name, title=f"a {name} one", steps=number, answer=number)

    def judge_in(studies, into, unenhanced):
        asked.append((studies, into, unenhanced))
        columns = Columns({"plain: heat": "plain"}, "Heat.", digits=2)
        return SimpleNamespace(
            tables=(columns,),
            described="two hearts",
            notes=["No CTs."],
            measure=lambda trained: Measured({"plain: heat": trained.answer / 4}),
        )

    monkeypatch.setattr(training, "ablate", ablate)
    monkeypatch.setattr(ccta, "ABLATION", judge_in)
    options = ["--seconds", "5", "--studies", "2", "--into", "one", "--into-unenhanced", "two"]
    folders = ["--cache", "cache", "--run", "run", "--out", str(tmp_path)]
    found = run(app, ["ablation", "ccta", *options, *folders])

    assert found.exit_code == 0, found.output
    assert asked == [(2, [Path("one")], [Path("two")]), ((), 5, Path("cache"), Path("run"), None)]
    assert found.output.splitlines() == [
        "a wide one: 1 steps, plain: heat 0.25",
        "a narrow one: 2 steps, plain: heat 0.50",
        "No CTs.",
        "No CTs were given to learn from, so that what needs them was not trained.",
        f"results: {tmp_path}",
    ]
    content = json.loads((tmp_path / "ablation.json").read_text(encoding="utf-8"))
    rows = content["rows"]
    assert len(content["notes"]) == 2
    assert [(row["name"], row["figures"]) for row in rows] == [
        ("wide", {"plain: heat": 0.25}),
        ("narrow", {"plain: heat": 0.5}),
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["spine", "--into", "ct"], "one-population"),
        (["spine", "--hosts", "folder"], "application-part-missing"),
        (["ccta", "--hosts", "folder"], "hosts-invalid"),
        (["dat"], "application-part-missing"),
    ],
)
def test_an_ablation_refuses_what_it_cannot_use(arguments, code, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    assert run(app, ["ablation", *arguments]).exception.code == code
    assert list(tmp_path.iterdir()) == []
