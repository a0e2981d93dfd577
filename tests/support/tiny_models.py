"""A tiny model repository for tests of the server: ONNX graphs, configurations and their contracts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from scanserve.contracts import Axis, EnsembleStep, ModelSpec, TensorSpec
from scanserve.contracts.ct import AIR_HU, MAX_HU

X, Y, Z = Axis("x"), Axis("y"), Axis("z")

DOUBLE = ModelSpec(
    "tiny_double",
    "INT16 volume times two, and its sum with one.",
    "graph",
    (TensorSpec("volume", "INT16", (Z, Y, X), "A volume.", "HU", AIR_HU, MAX_HU),),
    (
        TensorSpec("doubled", "INT32", (Z, Y, X), "Twice the volume."),
        TensorSpec("plus_one", "INT32", (Z, Y, X), "The volume plus one."),
    ),
)
SQUARE = ModelSpec(
    "tiny_square",
    "Batched: the square of each of four numbers.",
    "network",
    (TensorSpec("numbers", "FP32", (Axis("four", 4),), "Four numbers.", low=-1, high=1),),
    (TensorSpec("squares", "FP32", (Axis("four", 4),), "Their squares."),),
    max_batch_size=16,
    queue_delay_us=200_000,
)
SLOW = ModelSpec(
    "tiny_slow",
    "Many products of a matrix with itself.",
    "graph",
    (TensorSpec("matrix", "FP32", (Axis("row", 64), Axis("column", 64)), "A matrix.", low=-1, high=1),),
    (TensorSpec("power", "FP32", (Axis("row", 64), Axis("column", 64)), "A power of it, kept small."),),
)
SLOWER = ModelSpec(
    "tiny_slower",
    "Products of a larger matrix with itself, a good part of a second.",
    "graph",
    (TensorSpec("matrix", "FP32", (Axis("row", 512), Axis("column", 512)), "A matrix.", low=-1, high=1),),
    (TensorSpec("power", "FP32", (Axis("row", 512), Axis("column", 512)), "A power of it, kept small."),),
)
CHAIN = ModelSpec(
    "tiny_chain",
    "The double alone, as an ensemble.",
    "ensemble",
    DOUBLE.inputs,
    DOUBLE.outputs[:1],
    steps=(EnsembleStep("tiny_double", {"volume": "volume"}, {"doubled": "doubled"}),),
)
SQUARED = ModelSpec(
    "tiny_squared",
    "The square alone, as an ensemble.",
    "ensemble",
    SQUARE.inputs,
    SQUARE.outputs,
    max_batch_size=16,
    steps=(EnsembleStep("tiny_square", {"numbers": "numbers"}, {"squares": "squares"}),),
)
FUSSY = ModelSpec(
    "tiny_fussy",
    "Four values, or an error from the engine.",
    "graph",
    (TensorSpec("values", "FP32", (Axis("any"),), "24 values.", low=1, high=2),),
    (TensorSpec("same", "FP32", (Axis("any"),), "The same."),),
)
TURNING = ModelSpec(
    "tiny_turning",
    "Counts to a number, one by one.",
    "graph",
    (TensorSpec("turns", "FP32", (Axis("one", 1),), "How far.", low=0, typical=(1, 2)),),
    (TensorSpec("counted", "FP32", (Axis("one", 1),), "As far."),),
)
LAYERED = ModelSpec(
    "tiny_layered",
    "The highest value of a volume, by way of three temporaries larger than it.",
    "graph",
    DOUBLE.inputs,
    (TensorSpec("highest", "FP32", (Axis("one", 1),), "The highest value, or its exponential."),),
)
MODELS = (DOUBLE, SQUARE, SLOW, FUSSY, CHAIN)

_ONNX_TYPES = {"INT16": TensorProto.INT16, "INT32": TensorProto.INT32, "FP32": TensorProto.FLOAT}


def write_repository(folder: Path, models: tuple[ModelSpec, ...] = MODELS) -> Path:
    """Write the models to ``folder`` and return it."""
    for spec in models:
        version = folder / spec.name / "1"
        version.mkdir(parents=True)
        (folder / spec.name / "config.pbtxt").write_text(_config(spec))
        if spec.kind != "ensemble":
            onnx.save(_onnx(spec), str(version / "model.onnx"))
    return folder


def _onnx(spec: ModelSpec) -> onnx.ModelProto:
    nodes, constants = {
        "tiny_double": _double_nodes,
        "tiny_square": _square_nodes,
        "tiny_slow": _slow_nodes,
        "tiny_slower": lambda: _slow_nodes(300),
        "tiny_fussy": _fussy_nodes,
        "tiny_turning": _turning_nodes,
        "tiny_layered": _layered_nodes,
    }[spec.name]()
    graph = helper.make_graph(
        nodes,
        spec.name,
        [_value(spec, tensor) for tensor in spec.inputs],
        [_value(spec, tensor) for tensor in spec.outputs],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _value(spec: ModelSpec, tensor: TensorSpec) -> onnx.ValueInfoProto:
    sizes = [axis.size or axis.name for axis in tensor.axes]
    shape = ["batch", *sizes] if spec.batched else sizes
    return helper.make_tensor_value_info(tensor.name, _ONNX_TYPES[tensor.dtype], shape)


def _double_nodes() -> tuple[list, list]:
    constants = [numpy_helper.from_array(np.array(value, np.int32), f"c{value}") for value in (1, 2)]
    nodes = [
        helper.make_node("Cast", ["volume"], ["wide"], to=TensorProto.INT32),
        helper.make_node("Mul", ["wide", "c2"], ["doubled"]),
        helper.make_node("Add", ["wide", "c1"], ["plus_one"]),
    ]
    return nodes, constants


def _square_nodes() -> tuple[list, list]:
    return [helper.make_node("Mul", ["numbers", "numbers"], ["squares"])], []


def _slow_nodes(times: int = 4000) -> tuple[list, list]:
    nodes = []
    last = "matrix"
    for index in range(times):
        nodes.append(helper.make_node("MatMul", [last, "matrix"], [f"product{index}"]))
        last = "power" if index == times - 1 else f"bounded{index}"
        nodes.append(helper.make_node("Tanh", [f"product{index}"], [last]))
    return nodes, []


def _fussy_nodes() -> tuple[list, list]:
    shape = numpy_helper.from_array(np.array([24], np.int64), "shape")
    return [helper.make_node("Reshape", ["values", "shape"], ["same"])], [shape]


def _turning_nodes() -> tuple[list, list]:
    """A loop of as many turns as the input says, each of which adds one."""
    constants = [
        numpy_helper.from_array(np.zeros(1, np.float32), "zero"),
        numpy_helper.from_array(np.ones(1, np.float32), "step"),
        numpy_helper.from_array(np.array([], np.int64), "scalar"),
    ]
    state = helper.make_tensor_value_info("state", TensorProto.FLOAT, [1])
    grown = helper.make_tensor_value_info("grown", TensorProto.FLOAT, [1])
    turn = helper.make_tensor_value_info("turn", TensorProto.INT64, [])
    more = helper.make_tensor_value_info("more", TensorProto.BOOL, [])
    going = helper.make_tensor_value_info("going", TensorProto.BOOL, [])
    nodes = [
        helper.make_node("Identity", ["more"], ["going"]),
        helper.make_node("Add", ["state", "step"], ["grown"]),
    ]
    body = helper.make_graph(nodes, "body", [turn, more, state], [going, grown])
    count = [
        helper.make_node("Cast", ["turns"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["whole", "scalar"], ["count"]),
    ]
    return [*count, helper.make_node("Loop", ["count", "", "zero"], ["counted"], body=body)], constants


def _layered_nodes() -> tuple[list, list]:
    nodes = [
        helper.make_node("Cast", ["volume"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("Exp", ["wide"], ["raised"]),
        helper.make_node("Concat", ["wide", "raised"], ["both"], axis=0),
        helper.make_node("Flatten", ["both"], ["row"], axis=0),
        helper.make_node("ReduceMax", ["row"], ["highest"], axes=[1], keepdims=0),
    ]
    return nodes, []


def _config(spec: ModelSpec) -> str:
    lines = [f'name: "{spec.name}"', f"max_batch_size: {spec.max_batch_size}"]
    lines += [_tensor_config("input", tensor) for tensor in spec.inputs]
    lines += [_tensor_config("output", tensor) for tensor in spec.outputs]
    if spec.kind == "ensemble":
        lines += ['platform: "ensemble"', _steps(spec)]
    else:
        backend = "openvino" if spec.kind == "network" else "onnxruntime"
        lines += [f'backend: "{backend}"', "instance_group { count: 1 kind: KIND_CPU }"]
    if spec.batched and spec.kind != "ensemble":
        lines.append(f"dynamic_batching {{ max_queue_delay_microseconds: {spec.queue_delay_us} }}")
    return "\n".join(lines) + "\n"


def _tensor_config(kind: str, tensor: TensorSpec) -> str:
    return f'{kind} {{ name: "{tensor.name}" data_type: TYPE_{tensor.dtype} dims: {list(tensor.shape)} }}'


def _steps(spec: ModelSpec) -> str:
    steps = []
    for step in spec.steps:
        maps = [f'input_map {{ key: "{key}" value: "{value}" }}' for key, value in step.inputs.items()]
        maps += [f'output_map {{ key: "{key}" value: "{value}" }}' for key, value in step.outputs.items()]
        steps.append(f'step {{ model_name: "{step.model}" model_version: -1 {" ".join(maps)} }}')
    return f"ensemble_scheduling {{ {' '.join(steps)} }}"
