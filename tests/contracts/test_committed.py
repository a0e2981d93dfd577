"""The committed model repository against the contracts: Triton's text and the ONNX graphs themselves."""

from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from scanserve.contracts import CONFIGURATIONS, all_models

REPOSITORY = Path(__file__).parents[2] / "model_repository"
ONNX_TYPES = {"UINT8": 2, "INT16": 5, "INT32": 6, "FP16": 10, "FP32": 1}
EVERY = pytest.mark.parametrize("spec", all_models(), ids=lambda spec: spec.name)


def committed(spec, configuration):
    file = "config.pbtxt" if configuration == "default" else f"configs/{configuration}.pbtxt"
    return text_format.Parse((REPOSITORY / spec.name / file).read_text(), triton.ModelConfig())


def expected(tensors):
    return [(tensor.name, f"TYPE_{tensor.dtype}", tensor.shape) for tensor in tensors]


def written(tensors):
    return [(tensor.name, triton.DataType.Name(tensor.data_type), tuple(tensor.dims)) for tensor in tensors]


def graph_of(spec):
    onnx = pytest.importorskip("onnx")
    path = REPOSITORY / spec.name / "1" / "model.onnx"
    if not path.is_file():
        pytest.skip(f"{spec.name} has no model.onnx here")
    return onnx.load(path, load_external_data=False).graph


def onnx_axes(value):
    return [dim.dim_value or -1 for dim in value.type.tensor_type.shape.dim]


@EVERY
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_committed_configurations_state_the_contract(spec, configuration):
    config = committed(spec, configuration)

    assert config.name == spec.name
    assert config.max_batch_size == spec.max_batch_size
    assert written(config.input) == expected(spec.inputs)
    assert written(config.output) == expected(spec.outputs)


@EVERY
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_committed_ensembles_state_their_steps(spec, configuration):
    steps = committed(spec, configuration).ensemble_scheduling.step

    assert [(step.model_name, dict(step.input_map), dict(step.output_map)) for step in steps] == [
        (step.model, dict(step.inputs), dict(step.outputs)) for step in spec.steps
    ]


@EVERY
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_committed_configurations_state_the_deployment(spec, configuration):
    config = committed(spec, configuration)
    if spec.kind == "ensemble":
        assert config.platform == "ensemble"
        return
    place = spec.deployments[configuration]
    group = config.instance_group[0]

    assert (config.backend, config.default_model_filename) == (place.backend, place.file)
    assert (triton.ModelInstanceGroup.Kind.Name(group.kind), group.count) == (place.kind, place.instances)
    assert dict(config.cc_model_filenames) == dict(place.capability_files)


@EVERY
def test_onnx_graphs_have_the_contract_tensors(spec):
    if spec.kind == "ensemble":
        assert (REPOSITORY / spec.name / "1").is_dir()
        return
    graph = graph_of(spec)

    for values, tensors in ((graph.input, spec.inputs), (graph.output, spec.outputs)):
        assert [value.name for value in values] == [tensor.name for tensor in tensors]
        for value, tensor in zip(values, tensors, strict=True):
            axes = ([-1] if spec.batched else []) + list(tensor.shape)
            assert value.type.tensor_type.elem_type == ONNX_TYPES[tensor.dtype]
            assert onnx_axes(value) == axes, tensor.name
