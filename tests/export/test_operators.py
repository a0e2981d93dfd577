"""TensorRT's documented operators: small graphs that pass and small graphs that must not."""

from pathlib import Path

import pytest

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper  # noqa: E402

from scanserve.contracts import SetupError, all_models  # noqa: E402
from scanserve.export.operators import OPERATORS, check_operators, find_violations  # noqa: E402

REPOSITORY = Path(__file__).parents[2] / "model_repository"
TENSORRT_MODELS = [spec.name for spec in all_models() if spec.tensorrt]
VOLUME = (1, 2, 8, 8, 8)
FP32 = TensorProto.FLOAT


def model(nodes, inputs, outputs, initializers=(), opset=17, domains=()):
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in outputs],
        [helper.make_tensor(name, kind, dims, values) for name, kind, dims, values in initializers],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=opsets)


def unary(operator, shape=VOLUME, kind=FP32, out=None, **attributes):
    node = helper.make_node(operator, ["x"], ["y"], name="n", **attributes)
    return model([node], [("x", kind, shape)], [("y", out or kind, None)])


def reasons(graph):
    return [violation.reason for violation in find_violations(graph)]


def conv(spatial):
    weight = ("w", FP32, (1, 2, *[1] * spatial), [1.0, 1.0])
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="n")
    return model([node], [("x", FP32, (1, 2, *[8] * spatial))], [("y", FP32, None)], [weight])


def grid_sample(spatial, opset=20):
    node = helper.make_node("GridSample", ["x", "g"], ["y"], name="n", mode="linear")
    inputs = [("x", FP32, (1, 1, *[8] * spatial)), ("g", FP32, (1, *[4] * spatial, spatial))]
    return model([node], inputs, [("y", FP32, None)], opset=opset)


def resize(opset=18, **attributes):
    node = helper.make_node("Resize", ["x", "", "s"], ["y"], name="n", **attributes)
    scales = ("s", FP32, (5,), [1.0, 1.0, 2.0, 2.0, 2.0])
    return model([node], [("x", FP32, VOLUME)], [("y", FP32, None)], [scales], opset=opset)


def scatter(opset=18, **attributes):
    node = helper.make_node("ScatterND", ["x", "i", "u"], ["y"], name="n", **attributes)
    inputs = [("x", FP32, (8,)), ("i", TensorProto.INT64, (2, 1)), ("u", FP32, (2,))]
    return model([node], inputs, [("y", FP32, (8,))], opset=opset)


def top_k(k):
    node = helper.make_node("TopK", ["x", "k"], ["v", "i"], name="n")
    outputs = [("v", FP32, None), ("i", TensorProto.INT64, None)]
    return model([node], [("x", FP32, (1, 5000))], outputs, [("k", TensorProto.INT64, (1,), [k])])


@pytest.mark.parametrize(
    "graph",
    [
        unary("Relu"),
        conv(2),
        conv(3),
        unary("MaxPool", kernel_shape=[2, 2, 2]),
        unary("GlobalAveragePool"),
        grid_sample(2),
        resize(mode="linear", coordinate_transformation_mode="align_corners"),
        scatter(),
        top_k(32),
        unary("Cast", to=TensorProto.UINT8, out=TensorProto.UINT8),
        unary("Cast", kind=TensorProto.UINT8, to=FP32, out=FP32),
    ],
)
def test_documented_graphs_pass(graph):
    assert find_violations(graph) == ()


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (grid_sample(3), "its input must have rank 4"),
        (conv(4), "its input must have rank 3 or 4 or 5"),
        (
            unary("MaxPool", kernel_shape=[2, 2, 2], dilations=[2, 2, 2]),
            "dilations=[2, 2, 2] are not supported",
        ),
        (resize(mode="cubic"), "mode='cubic' is not supported"),
        (resize(mode="linear", antialias=1), "antialias=1 is not supported"),
        (scatter(reduction="add"), "reduction='add' is not supported"),
        (top_k(4000), "K=4000 must be less than 3840"),
        (unary("Det", shape=(3, 3)), "the operator is not supported"),
        (unary("Unique"), "the operator is not supported"),
        (unary("Cast", kind=TensorProto.INT16, to=FP32, out=FP32), "data type INT16 is not a TensorRT type"),
        (
            unary("Cast", to=TensorProto.INT16, out=TensorProto.INT16),
            "data type INT16 is not a TensorRT type",
        ),
    ],
)
def test_undocumented_graphs_are_named(graph, reason):
    assert reason in reasons(graph)


def test_a_violation_names_operator_rank_and_node():
    (violation,) = find_violations(grid_sample(3))

    assert str(violation) == "GridSample (node 'n', rank 5): its input must have rank 4"


def test_uint8_inside_the_network_is_refused():
    down = helper.make_node("Cast", ["x"], ["small"], name="down", to=TensorProto.UINT8)
    up = helper.make_node("Cast", ["small"], ["y"], name="up", to=FP32)

    found = reasons(model([down, up], [("x", FP32, (4,))], [("y", FP32, (4,))]))

    assert found == ["UINT8 value 'small' is not a network input or output"] * 2


def test_reduction_axes_must_be_constant():
    node = helper.make_node("ReduceMean", ["x", "a"], ["y"], name="n")
    inputs = [("x", FP32, (4, 4)), ("a", TensorProto.INT64, (1,))]
    dynamic = model([node], inputs, [("y", FP32, None)], opset=18)
    constant = model([node], inputs[:1], [("y", FP32, None)], [("a", TensorProto.INT64, (1,), [0])], opset=18)

    assert reasons(dynamic) == ["its input 'axes' must be constant"]
    assert reasons(constant) == []


def test_foreign_domains_and_opsets_are_refused():
    foreign = helper.make_node("FusedThing", ["x"], ["y"], name="n", domain="com.microsoft")
    graph = model([foreign], [("x", FP32, (4,))], [("y", FP32, (4,))], domains=["com.microsoft"])

    assert "domain 'com.microsoft' is not parsed by TensorRT" in reasons(graph)
    assert "version 8 is outside 9 to 24" in reasons(model([], [], [], opset=8))


def test_subgraphs_are_walked():
    out = helper.make_tensor_value_info("b", FP32, None)
    branch = helper.make_graph([helper.make_node("Det", ["x"], ["b"], name="inner")], "branch", [], [out])
    node = helper.make_node("If", ["c"], ["y"], name="n", then_branch=branch, else_branch=branch)
    inputs = [("x", FP32, (3, 3)), ("c", TensorProto.BOOL, ())]

    found = find_violations(model([node], inputs, [("y", FP32, None)]))

    assert {violation.node for violation in found} == {"inner"}


def test_check_operators_raises_a_coded_error(tmp_path):
    path = tmp_path / "some_model" / "1" / "model.onnx"
    path.parent.mkdir(parents=True)
    onnx.save(grid_sample(3), path)

    with pytest.raises(SetupError, match=r"some_model: .*GridSample") as error:
        check_operators(path)

    assert error.value.code == "tensorrt-operator"


def test_the_table_is_the_documented_matrix():
    assert "GridSample" in OPERATORS
    assert "Compress" not in OPERATORS
    assert OPERATORS["And"] == {TensorProto.BOOL}


@pytest.mark.parametrize("name", TENSORRT_MODELS)
def test_every_graph_meant_for_tensorrt_is_documented(name):
    path = REPOSITORY / name / "1" / "model.onnx"
    if not path.is_file():
        pytest.skip(f"{name} has no model.onnx here")
    check_operators(path)
