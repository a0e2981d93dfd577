"""A model repository with one tiny ONNX model, and its contract: shared by the live tests."""

from __future__ import annotations

from pathlib import Path

from scanserve.contracts import Axis, ModelSpec, TensorSpec

SPEC = ModelSpec(
    "tiny",
    "Adds one to a volume of any size and doubles a vector.",
    "graph",
    (
        TensorSpec("volume", "INT16", (Axis("z"), Axis("y"), Axis("x")), "any volume"),
        TensorSpec("vector", "FP32", (Axis("xyz", 3),), "any vector"),
    ),
    (
        TensorSpec("increment", "INT32", (Axis("z"), Axis("y"), Axis("x")), "volume + 1"),
        TensorSpec("double", "FP32", (Axis("xyz", 3),), "2 * vector"),
    ),
)

CONFIG = """
name: "tiny"
backend: "onnxruntime"
default_model_filename: "model.onnx"
max_batch_size: 0
input [
  { name: "volume" data_type: TYPE_INT16 dims: [ -1, -1, -1 ] },
  { name: "vector" data_type: TYPE_FP32 dims: [ 3 ] }
]
output [
  { name: "increment" data_type: TYPE_INT32 dims: [ -1, -1, -1 ] },
  { name: "double" data_type: TYPE_FP32 dims: [ 3 ] }
]
instance_group [ { count: 1 kind: KIND_CPU } ]
"""


def write_tiny_repository(folder: Path) -> Path:
    """Write the repository into ``folder`` and return it."""
    import onnx
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Cast", ["volume"], ["wide"], to=TensorProto.INT32),
        helper.make_node("Add", ["wide", "one"], ["increment"]),
        helper.make_node("Add", ["vector", "vector"], ["double"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("volume", TensorProto.INT16, ["z", "y", "x"]),
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, [3]),
        ],
        [
            helper.make_tensor_value_info("increment", TensorProto.INT32, ["z", "y", "x"]),
            helper.make_tensor_value_info("double", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor("one", TensorProto.INT32, [], [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    version = folder / "tiny" / "1"
    version.mkdir(parents=True)
    onnx.save(model, str(version / "model.onnx"))
    (folder / "tiny" / "config.pbtxt").write_text(CONFIG)
    return folder
