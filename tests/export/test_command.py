"""``scanserve export``, run in process."""

import hashlib
import sys
from types import ModuleType

import pytest
from typer.testing import CliRunner

from scanserve.contracts import CONFIGURATIONS, SetupError, all_models
from scanserve.export.command import app

run = CliRunner().invoke


def planned(configuration):
    """The models that TensorRT serves in a configuration."""
    return [
        spec.name
        for spec in all_models()
        if configuration in spec.deployments and spec.deployments[configuration].backend == "tensorrt"
    ]


def test_configs_are_written_and_checked(tmp_path):
    ensembles = sum(spec.kind == "ensemble" for spec in all_models())
    count = len(CONFIGURATIONS) * len(all_models()) + ensembles
    output = run(app, ["configs", "--repository", str(tmp_path)]).output
    assert f"{count} configuration files written" in output
    assert "are up to date" in run(app, ["configs", "--check", "--repository", str(tmp_path)]).output


def test_check_fails_with_a_code_on_an_empty_repository(tmp_path):
    result = run(app, ["configs", "--check", "--repository", str(tmp_path)])

    assert isinstance(result.exception, SetupError)
    assert result.exception.code == "generated-files-drift"


def test_docs_are_written_and_checked(tmp_path):
    assert run(app, ["docs", "--folder", str(tmp_path)]).exit_code == 0
    assert "is up to date" in run(app, ["docs", "--check", "--folder", str(tmp_path)]).output


def test_dry_run_prints_one_command_per_plan():
    lines = run(app, ["tensorrt", "--configuration", "a100", "--dry-run"]).output.splitlines()

    assert [line.split()[0] for line in lines] == ["docker"] * len(planned("a100"))
    assert "/model/a100.plan" in lines[0]


def test_without_trtexec_the_command_says_where_to_run_it(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)

    error = run(app, ["tensorrt"]).exception

    assert isinstance(error, SetupError)
    assert error.code == "trtexec-missing"


def test_onnx_exports_every_model_but_ensembles(monkeypatch, tmp_path):
    exported = []
    module = ModuleType("scanserve.export.onnx_export")
    module.export_model = lambda name, repository, weights: exported.append((name, repository))
    monkeypatch.setitem(sys.modules, "scanserve.export.onnx_export", module)

    assert run(app, ["onnx", "--repository", str(tmp_path)]).exit_code == 0
    assert exported == [(spec.name, tmp_path) for spec in all_models() if spec.kind != "ensemble"]


def test_onnx_of_one_model(monkeypatch, tmp_path):
    exported = []
    module = ModuleType("scanserve.export.onnx_export")
    module.export_model = lambda name, *_: exported.append(name)
    monkeypatch.setitem(sys.modules, "scanserve.export.onnx_export", module)

    run(app, ["onnx", "--model", "ccta_crop", "--repository", str(tmp_path)])

    assert exported == ["ccta_crop"]


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "scanserve.export.operators", raising=False)

    error = run(app, ["operators"]).exception

    assert isinstance(error, SetupError)
    assert error.code == "extra-missing"
    assert "scanserve[export]" in error.message


@pytest.fixture
def half_exports(monkeypatch):
    """Graphs written in place of real exports, as (model, file)."""
    exported = []

    def export_half(name, path, _):
        exported.append((name, path.name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        return path

    module = ModuleType("scanserve.export.half")
    module.export_half = export_half
    monkeypatch.setitem(sys.modules, "scanserve.export.half", module)
    monkeypatch.setattr("shutil.which", lambda _: None)
    return exported


def test_no_plan_of_half_precision_is_built_unmeasured(half_exports, tmp_path):
    places = ["--repository", str(tmp_path / "models"), "--weights", str(tmp_path / "weights")]

    error = run(app, ["tensorrt", "--half", *places]).exception

    assert error.code == "precision-unproven"
    assert half_exports == [(planned("t4")[0], "model.fp16.onnx")]


def test_half_precision_that_keeps_the_figures_is_exported_before_the_build(half_exports, tmp_path):
    from scanserve.export.precision import LEAST_STUDIES, Figure, PrecisionVerdict, write_verdict

    weights, names = tmp_path / "weights", planned("t4")
    for name in names:
        figures = (Figure(name="ov (all)", full=0.9, reduced=0.9, losses=(0.0,) * LEAST_STUDIES),)
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        verdict = PrecisionVerdict(
            model=name, precision="half", sha256=sha256, studies="one", seeds=(1,), figures=figures
        )
        write_verdict(weights, verdict)

    places = ["--repository", str(tmp_path / "models"), "--weights", str(weights)]
    error = run(app, ["tensorrt", "--half", *places]).exception

    assert half_exports == [(name, "model.fp16.onnx") for name in names]
    assert error.code == "trtexec-missing"


@pytest.mark.parametrize("check", [True, False])
def test_all_runs_the_parts_in_order(monkeypatch, tmp_path, check):
    module = ModuleType("scanserve.export.onnx_export")
    module.export_model = lambda *_: None
    monkeypatch.setitem(sys.modules, "scanserve.export.onnx_export", module)
    places = ["--repository", str(tmp_path / "models"), "--folder", str(tmp_path / "docs")]
    places += ["--weights", str(tmp_path / "weights")]
    run(app, ["all", *places])

    output = run(app, ["all", *(["--check"] if check else []), *places]).output

    assert ("are up to date" in output) == check
