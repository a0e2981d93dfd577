"""Generated Triton configurations: complete, explicit, and in step with the contracts."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from scanserve.contracts import (
    CONFIGURATIONS,
    TRAINED_ON,
    Deployment,
    InputError,
    ModelSpec,
    SetupError,
    all_models,
    find_model,
)
from scanserve.export import configs

REPOSITORY = Path(__file__).parents[2] / "model_repository"
WEIGHTS = Path(__file__).parents[2] / "weights"
NO_WEIGHTS = Path("none")
EVERY = [(spec, name) for spec in all_models() for name in CONFIGURATIONS]
SERVED = [(spec, name) for spec, name in EVERY if spec.kind != "ensemble"]


def ids(case):
    return case.name if isinstance(case, ModelSpec) else case


def test_committed_files_match_the_contracts():
    assert len(configs.write_configs(REPOSITORY, WEIGHTS, check=True)) >= len(EVERY)


@pytest.mark.parametrize(("spec", "name"), EVERY, ids=ids)
def test_the_text_parses_back_to_the_message(spec, name):
    parsed = text_format.Parse(configs.render_config(spec, name), triton.ModelConfig())

    assert parsed == configs.build_config(spec, name)


@pytest.mark.parametrize(("spec", "name"), EVERY, ids=ids)
def test_batch_size_is_always_written(spec, name):
    assert configs.render_config(spec, name).count(f"max_batch_size: {spec.max_batch_size}\n") == 1


@pytest.mark.parametrize(("spec", "name"), SERVED, ids=ids)
def test_instances_and_file_are_explicit(spec, name):
    config = configs.build_config(spec, name)

    assert config.backend
    assert config.default_model_filename
    assert config.instance_group[0].count >= 1
    assert config.instance_group[0].kind != triton.ModelInstanceGroup.KIND_MODEL


@pytest.mark.parametrize(("spec", "name"), SERVED, ids=ids)
def test_gpu_instances_only_in_gpu_configurations(spec, name):
    kind = configs.build_config(spec, name).instance_group[0].kind

    assert (kind == triton.ModelInstanceGroup.KIND_GPU) == (name in ("t4", "a100"))


def test_ensembles_name_platform_and_versions():
    config = configs.build_config(find_model("ccta_centerline"), "default")

    assert config.platform == "ensemble"
    assert not config.backend
    assert [step.model_version for step in config.ensemble_scheduling.step] == [-1] * 4


def test_plans_are_chosen_by_compute_capability():
    config = configs.build_config(find_model("ccta_stage1"), "t4")

    assert dict(config.cc_model_filenames) == {"7.5": "t4.plan", "8.0": "a100.plan"}


def test_dynamic_batching_only_where_the_contract_batches():
    batched = {
        spec.name for spec in all_models() if configs.build_config(spec, "cpu").HasField("dynamic_batching")
    }

    # An ensemble has no scheduler of its own: its members batch.
    assert batched == {spec.name for spec in all_models() if spec.batched and spec.kind != "ensemble"}
    quality = configs.build_config(find_model("ccta_quality"), "cpu")
    assert quality.dynamic_batching.max_queue_delay_microseconds == 0


def test_onnxruntime_on_a_gpu_does_not_search_per_shape():
    gpu = configs.build_config(find_model("ccta_normalize"), "t4")
    cpu = configs.build_config(find_model("ccta_normalize"), "cpu")

    assert gpu.parameters["cudnn_conv_algo_search"].string_value == "1"
    assert not cpu.parameters


def test_a_deployment_overrides_the_defaults():
    place = Deployment("onnxruntime", "KIND_GPU", parameters={"cudnn_conv_algo_search": "2"})
    spec = ModelSpec("m", "", "graph", (), (), deployments={"t4": place})

    assert configs.build_config(spec, "t4").parameters["cudnn_conv_algo_search"].string_value == "2"


def test_networks_and_nothing_else_say_what_they_were_trained_on(tmp_path):
    stage, crop = find_model("ccta_stage1"), find_model("ccta_crop")
    manifest = json.loads((WEIGHTS / stage.name / "manifest.json").read_text())
    for spec in (stage, crop):
        (tmp_path / "weights" / spec.name).mkdir(parents=True)
        manifest["trained_on"] = ["annotated CT of ImageCAS", "hearts; of our own"]
        (tmp_path / "weights" / spec.name / "manifest.json").write_text(json.dumps(manifest))
    configs.write_configs(tmp_path / "models", tmp_path / "weights")
    told = {
        spec.name: text_format.Parse(
            (tmp_path / "models" / spec.name / "configs" / "t4.pbtxt").read_text(), triton.ModelConfig()
        ).parameters[TRAINED_ON]
        for spec in (stage, crop, find_model("ccta_stage2"))
    }
    assert told.pop("ccta_stage1").string_value == "annotated CT of ImageCAS; hearts, of our own"
    assert {value.string_value for value in told.values()} == {""}
    with pytest.raises(SetupError, match=r"ccta_stage1/config\.pbtxt"):
        configs.check_configs(tmp_path / "models", NO_WEIGHTS)


def test_unknown_configurations_are_named():
    with pytest.raises(InputError, match="'h100'") as error:
        configs.build_config(find_model("ccta_crop"), "h100")
    assert error.value.code == "unknown-configuration"


def test_check_names_each_drifted_file(tmp_path):
    configs.write_configs(tmp_path, NO_WEIGHTS)
    (tmp_path / "ccta_crop" / "config.pbtxt").write_text("name: 'other'")
    (tmp_path / "ccta_quality" / "configs" / "t4.pbtxt").unlink()

    with pytest.raises(
        SetupError, match=r"2 model .*ccta_crop/config.pbtxt, ccta_quality/configs/t4.pbtxt"
    ) as error:
        configs.write_configs(tmp_path, NO_WEIGHTS, check=True)

    assert error.value.code == "generated-files-drift"
    assert (tmp_path / "ccta_crop" / "config.pbtxt").read_text() == "name: 'other'"


def test_ensembles_get_their_empty_version_folder(tmp_path):
    configs.write_configs(tmp_path, NO_WEIGHTS)

    assert (tmp_path / "ccta_centerline" / "1" / ".gitkeep").is_file()
    shutil.rmtree(tmp_path / "ccta_centerline" / "1")
    with pytest.raises(SetupError):
        configs.check_configs(tmp_path, NO_WEIGHTS)


def test_writing_configurations_needs_no_torch():
    code = "import sys, scanserve.export.configs; sys.exit('torch' in sys.modules or 'onnx' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
