"""Plans: the exact commands, shapes from the contracts, the cache key, and what goes wrong."""

import json
import subprocess
from pathlib import Path

import pytest

from scanserve.contracts import Axis, InputError, ModelSpec, SetupError, TensorSpec, all_models
from scanserve.export import tensorrt

REPOSITORY = Path("model_repository")
T4 = tensorrt.Toolchain("trtexec", "101500", "7.5")


def spec(max_batch_size=0, size=None):
    axes = (Axis("row", size, 64), Axis("column", 32))
    return ModelSpec("m", "", "network", (TensorSpec("x", "FP32", axes, ""),), (), max_batch_size)


@pytest.fixture
def build(tmp_path):
    build = tensorrt.plan_builds(tmp_path, "t4")[0]
    build.onnx.parent.mkdir(parents=True)
    build.onnx.write_bytes(b"graph")
    return build


def fake_trtexec(calls, succeed=True):
    def run(command):
        calls.append(command)
        engine = next(part for part in command if part.startswith("--saveEngine=")).partition("=")[2]
        if succeed:
            Path(engine).write_bytes(b"plan")
        return subprocess.CompletedProcess(command, 0, "", "out of memory")

    return run


def test_fixed_shapes_need_no_profile():
    assert tensorrt.profile_shapes(spec(size=8)) == {}


def test_batched_models_get_min_opt_and_max():
    assert tensorrt.profile_shapes(spec(16, 8)) == {
        "min": {"x": (1, 8, 32)},
        "opt": {"x": (8, 8, 32)},
        "max": {"x": (16, 8, 32)},
    }


def test_dynamic_axes_span_the_contract():
    shapes = tensorrt.profile_shapes(spec())

    assert [shapes[bound]["x"] for bound in ("min", "opt", "max")] == [(1, 32), (32, 32), (64, 32)]


def test_shapes_are_written_as_trtexec_reads_them():
    build = tensorrt.PlanBuild(spec(4, 8), "t4", "7.5", Path("a.onnx"), Path("t4.plan"))

    assert build.arguments[2:] == ("--minShapes=x:1x8x32", "--optShapes=x:2x8x32", "--maxShapes=x:4x8x32")


@pytest.mark.parametrize(("configuration", "capability"), [("t4", "7.5"), ("a100", "8.0")])
def test_every_tensorrt_model_has_a_build(configuration, capability):
    builds = tensorrt.plan_builds(REPOSITORY, configuration)

    wanted = [spec.name for spec in all_models() if configuration in spec.deployments and spec.tensorrt]
    assert [b.spec.name for b in builds] == wanted
    assert wanted[:2] == ["ccta_stage1", "ccta_stage2"]
    assert {b.capability for b in builds} == {capability}
    assert builds[0].plan == REPOSITORY / "ccta_stage1" / "1" / f"{configuration}.plan"


def test_half_precision_comes_from_its_own_onnx():
    assert tensorrt.plan_builds(REPOSITORY, "t4", half=True)[0].onnx.name == "model.fp16.onnx"


def test_configurations_without_plans_are_refused():
    with pytest.raises(InputError) as error:
        tensorrt.plan_builds(REPOSITORY, "cpu")
    assert error.value.code == "unknown-configuration"


def test_the_exact_command():
    command = tensorrt.plan_builds(REPOSITORY, "t4")[0].command("trtexec", Path("e.plan"), Path("t.timing"))

    assert command == (
        "trtexec",
        "--onnx=model_repository/ccta_stage1/1/model.onnx",
        "--saveEngine=e.plan",
        "--timingCacheFile=t.timing",
        "--stronglyTyped",
        "--skipInference",
    )


def test_docker_command_runs_the_serving_image_offline():
    command = tensorrt.plan_builds(REPOSITORY, "t4")[0].docker_command()

    assert tensorrt.SERVING_IMAGE in command
    assert command[command.index("--network") + 1] == "none"
    assert "--saveEngine=/model/t4.plan" in command


def test_missing_trtexec_names_the_image_and_the_command(monkeypatch):
    monkeypatch.setattr(tensorrt.shutil, "which", lambda _: None)

    with pytest.raises(SetupError, match="docker run") as error:
        tensorrt.find_trtexec(tensorrt.plan_builds(REPOSITORY, "t4"))

    assert error.value.code == "trtexec-missing"
    assert tensorrt.SERVING_IMAGE in error.value.message


def test_toolchain_is_read_from_trtexec_and_the_driver():
    answers = {"trtexec": "&&&& RUNNING TensorRT.trtexec [TensorRT v101500] [b29]", "nvidia-smi": "7.5\n"}

    tools = tensorrt.find_toolchain(
        "trtexec", lambda command: subprocess.CompletedProcess(command, 0, answers[command[0]], "")
    )

    assert tools == T4


@pytest.mark.parametrize(
    ("answers", "code"),
    [({}, "trtexec-version"), ({"trtexec": "TensorRT v101500"}, "gpu-missing")],
)
def test_unknown_toolchains_are_refused(answers, code):
    def run(command):
        return subprocess.CompletedProcess(command, 0, answers.get(command[0], ""), "")

    with pytest.raises(SetupError) as error:
        tensorrt.find_toolchain("trtexec", run)
    assert error.value.code == code


def test_a_plan_is_built_once_and_recorded(build, tmp_path):
    calls = []
    for _ in range(2):
        plan = tensorrt.build_plan(build, T4, tmp_path / "cache", fake_trtexec(calls))

    assert len(calls) == 1
    assert plan.read_bytes() == b"plan"
    assert json.loads(plan.with_suffix(".json").read_text())["tensorrt"] == "101500"


@pytest.mark.parametrize(
    "change",
    [
        lambda build: (build.onnx.write_bytes(b"other"), T4)[1],
        lambda _: tensorrt.Toolchain("trtexec", "101600", "7.5"),
        lambda _: tensorrt.Toolchain("trtexec", "101500", "8.0"),
    ],
)
def test_the_cache_key_holds_onnx_version_and_gpu(build, tmp_path, change):
    before = build.cached(tmp_path, T4)

    assert build.cached(tmp_path, change(build)) != before


def test_the_wrong_gpu_is_refused(build, tmp_path):
    with pytest.raises(SetupError, match=r"7\.5.*8\.0") as error:
        tensorrt.build_plan(build, tensorrt.Toolchain("trtexec", "101500", "8.0"), tmp_path)
    assert error.value.code == "compute-capability"


def test_a_missing_onnx_is_named(build, tmp_path):
    build.onnx.unlink()

    with pytest.raises(SetupError) as error:
        tensorrt.build_plan(build, T4, tmp_path)
    assert error.value.code == "onnx-missing"


def test_a_failed_build_leaves_nothing(build, tmp_path):
    with pytest.raises(SetupError, match="out of memory") as error:
        tensorrt.build_plan(build, T4, tmp_path / "cache", fake_trtexec([], succeed=False))

    assert error.value.code == "trtexec-failed"
    assert not build.plan.exists()
    assert not list((tmp_path / "cache").rglob("*.plan"))
