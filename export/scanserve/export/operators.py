"""Check that TensorRT documents every operator, rank and data type of an ONNX graph.

The table and the rules restate the support matrix of the ONNX parser of TensorRT 10.15
(``docs/operators.md`` of onnx/onnx-tensorrt, opsets 9 to 24).  An operator outside the table, or outside its limits, is
a :class:`Violation`.  It is found here instead of hours later by ``trtexec`` on a GPU machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from scanserve.contracts import SetupError

__all__ = ["DOCUMENTED_OPSETS", "OPERATORS", "Violation", "check_operators", "find_violations"]

#: First and last opset of the documented range.
DOCUMENTED_OPSETS = (9, 24)

_FLOAT = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE})
_HALF_FLOAT = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16})
_INT = frozenset({TensorProto.INT32, TensorProto.INT64})
_BOOL = frozenset({TensorProto.BOOL})
_NUMBER = _FLOAT | _INT
_ANY = _NUMBER | _BOOL
_CAST = _ANY | {TensorProto.UINT8}

_BY_TYPES: tuple[tuple[frozenset[int], str], ...] = (
    (
        _FLOAT,
        "Acos Acosh Asin Asinh Atan Atanh AveragePool BatchNormalization Ceil Celu Clip Conv "
        "ConvTranspose Cos Cosh CumSum Dropout Einsum Elu Erf Exp Floor Gemm GlobalAveragePool "
        "GlobalLpPool GlobalMaxPool GRU GroupNormalization HardSigmoid HardSwish Hardmax "
        "InstanceNormalization IsInf LayerNormalization LeakyRelu Log LogSoftmax LpNormalization "
        "LpPool LRN LSTM MatMul MaxPool MeanVarianceNormalization PRelu Reciprocal Resize "
        "RMSNormalization RNN Round Selu Sigmoid Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh "
        "ThresholdedRelu Upsample",
    ),
    (_HALF_FLOAT, "DeformConv GridSample Mish NonMaxSuppression NonZero RoiAlign"),
    (
        _NUMBER,
        "Abs Add ArgMax ArgMin DepthToSpace Div Equal Gelu Greater GreaterOrEqual IsNaN Less "
        "LessOrEqual Max Mean Min Mod Mul Neg Pad Pow Range ReduceL1 ReduceL2 ReduceLogSum "
        "ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu "
        "Scatter ScatterElements ScatterND Shrink Sign SpaceToDepth Sub Sum TopK",
    ),
    (
        _ANY,
        "Concat Constant ConstantOfShape Expand EyeLike Flatten Gather GatherElements GatherND "
        "Identity If Loop OneHot Reshape ReverseSequence Shape Size Slice Split Squeeze Tile "
        "Transpose Trilu Unsqueeze Where",
    ),
    (_CAST, "Cast CastLike"),
    (_BOOL, "And Not Or Xor"),
)

#: Documented operator -> data types of its data inputs and outputs.
OPERATORS: dict[str, frozenset[int]] = {name: types for types, names in _BY_TYPES for name in names.split()}


@dataclass(frozen=True)
class Violation:
    """A node that TensorRT does not document: operator, rank of its first input, name, reason."""

    operator: str
    rank: int | None
    node: str
    reason: str

    def __str__(self) -> str:
        rank = "unknown" if self.rank is None else self.rank
        return f"{self.operator} (node {self.node!r}, rank {rank}): {self.reason}"


@dataclass(frozen=True)
class _Scope:
    """Known facts about the values of a graph: ranks and types by name, constants, single integers."""

    ranks: dict[str, int]
    types: dict[str, int]
    constants: frozenset[str]
    graph_io: frozenset[str]
    integers: dict[str, int]

    def rank(self, node: onnx.NodeProto, index: int = 0) -> int | None:
        return self.ranks.get(node.input[index]) if len(node.input) > index else None


def check_operators(path: Path) -> None:
    """Check the ONNX file at ``path``.

    Raises:
        SetupError: code ``tensorrt-operator``, naming every offending operator, its rank and its node.
    """
    violations = find_violations(onnx.load(path, load_external_data=False))
    if violations:
        listed = "; ".join(map(str, violations))
        raise SetupError(
            "tensorrt-operator", f"{Path(path).parent.parent.name}: TensorRT does not document {listed}."
        )


def find_violations(model: onnx.ModelProto) -> tuple[Violation, ...]:
    """Every node of the model, subgraphs included, that TensorRT does not document."""
    inferred = onnx.shape_inference.infer_shapes(model)
    return (*_opset_violations(model), *_graph_violations(inferred.graph, None))


def _opset_violations(model: onnx.ModelProto) -> Iterator[Violation]:
    low, high = DOCUMENTED_OPSETS
    for opset in model.opset_import:
        used = any(node.domain == opset.domain for node in model.graph.node)
        if opset.domain in ("", "ai.onnx") and not low <= opset.version <= high:
            yield Violation("opset", None, "model", f"version {opset.version} is outside {low} to {high}")
        elif opset.domain not in ("", "ai.onnx") and used:
            yield Violation("opset", None, "model", f"domain {opset.domain!r} is not parsed by TensorRT")


def _graph_violations(graph: onnx.GraphProto, outer: _Scope | None) -> Iterator[Violation]:
    scope = _scope(graph, outer)
    if outer is None:
        yield from _io_violations(graph)
    for node in graph.node:
        yield from _node_violations(node, scope)
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _graph_violations(attribute.g, scope)


def _io_violations(graph: onnx.GraphProto) -> Iterator[Violation]:
    for value in (*graph.input, *graph.output):
        kind = value.type.tensor_type.elem_type
        if kind not in _CAST:
            yield Violation(
                "input/output",
                _rank_of(value),
                value.name,
                f"data type {_type_name(kind)} is not a TensorRT type",
            )


def _node_violations(node: onnx.NodeProto, scope: _Scope) -> Iterator[Violation]:
    for reason in _reasons(node, scope):
        yield Violation(node.op_type, scope.rank(node), node.name or (node.output[0]), reason)


def _reasons(node: onnx.NodeProto, scope: _Scope) -> Iterator[str]:
    if node.op_type not in OPERATORS or node.domain not in ("", "ai.onnx"):
        yield "the operator is not supported"
        return
    yield from _type_reasons(node, scope)
    for rule in _RULES.get(node.op_type, ()):
        reason = rule(node, scope)
        if reason:
            yield reason


#: Inputs whose type is not the operator's data type: shapes, indices, conditions.
_FIRST_INPUT_IS_CONDITION = frozenset({"Where", "If", "Loop"})


def _type_reasons(node: onnx.NodeProto, scope: _Scope) -> Iterator[str]:
    if node.op_type in _FIRST_INPUT_IS_CONDITION or not node.input:
        return
    name = node.input[0]
    kind = scope.types.get(name)
    if kind is not None and kind not in OPERATORS[node.op_type]:
        yield f"data type {_type_name(kind)} of its input is not documented"
    yield from _uint8_reasons(node, scope)


def _uint8_reasons(node: onnx.NodeProto, scope: _Scope) -> Iterator[str]:
    """UINT8 may only be cast at a network input or output."""
    for name in (*node.input, *node.output):
        if scope.types.get(name) == TensorProto.UINT8 and name not in scope.graph_io:
            yield f"UINT8 value {name!r} is not a network input or output"


def _scope(graph: onnx.GraphProto, outer: _Scope | None) -> _Scope:
    values = (*graph.input, *graph.output, *graph.value_info)
    ranks = dict(outer.ranks) if outer else {}
    types = dict(outer.types) if outer else {}
    ranks |= {value.name: rank for value in values if (rank := _rank_of(value)) is not None}
    types |= {v.name: v.type.tensor_type.elem_type for v in values if v.type.HasField("tensor_type")}
    ranks |= {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    types |= {tensor.name: tensor.data_type for tensor in graph.initializer}
    tensors = _constant_tensors(graph)
    constants = {*tensors, *(node.output[0] for node in graph.node if node.op_type == "Constant")}
    integers = {name: value for name, tensor in tensors.items() if (value := _integer(tensor)) is not None}
    graph_io = {value.name for value in (*graph.input, *graph.output)}
    outside = outer.constants if outer else frozenset()
    return _Scope(ranks, types, outside | constants, frozenset(graph_io), integers)


def _constant_tensors(graph: onnx.GraphProto) -> dict[str, TensorProto]:
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        value = _attribute(node, "value") if node.op_type == "Constant" else None
        if isinstance(value, TensorProto):
            tensors[node.output[0]] = value
    return tensors


def _integer(tensor: TensorProto) -> int | None:
    """The value of a tensor with a single INT64, such as K or an axis."""
    if tensor.data_type != TensorProto.INT64 or any(size != 1 for size in tensor.dims):
        return None
    return int(onnx.numpy_helper.to_array(tensor).item())


def _rank_of(value: onnx.ValueInfoProto) -> int | None:
    tensor = value.type.tensor_type
    return len(tensor.shape.dim) if tensor.HasField("shape") else None


def _type_name(kind: int) -> str:
    return TensorProto.DataType.Name(kind)


def _attribute(node: onnx.NodeProto, name: str, default: Any = None) -> Any:
    for attribute in node.attribute:
        if attribute.name == name:
            value = onnx.helper.get_attribute_value(attribute)
            return value.decode() if isinstance(value, bytes) else value
    return default


_Rule = Callable[[onnx.NodeProto, _Scope], "str | None"]


def _ranks(*allowed: int) -> _Rule:
    def rule(node: onnx.NodeProto, scope: _Scope) -> str | None:
        rank = scope.rank(node)
        wanted = " or ".join(map(str, allowed))
        return f"its input must have rank {wanted}" if rank is not None and rank not in allowed else None

    return rule


def _constant_input(index: int, name: str) -> _Rule:
    def rule(node: onnx.NodeProto, scope: _Scope) -> str | None:
        given = node.input[index] if len(node.input) > index else ""
        return f"its input {name!r} must be constant" if given and given not in scope.constants else None

    return rule


def _only(name: str, default: object, *allowed: object) -> _Rule:
    def rule(node: onnx.NodeProto, _: _Scope) -> str | None:
        value = _attribute(node, name, default)
        return f"{name}={value!r} is not supported" if value not in allowed else None

    return rule


def _no_dilation(node: onnx.NodeProto, _: _Scope) -> str | None:
    dilations = _attribute(node, "dilations", [])
    return f"dilations={dilations} are not supported" if any(step != 1 for step in dilations) else None


def _one_output(node: onnx.NodeProto, _: _Scope) -> str | None:
    extra = [name for name in node.output[1:] if name]
    return f"only its first output is supported, not {extra[0]!r}" if extra else None


def _iota_axes(node: onnx.NodeProto, scope: _Scope) -> str | None:
    axes, rank = _attribute(node, "axes"), scope.rank(node)
    wrong = axes is not None and rank is not None and list(axes) != list(range(rank))
    return f"axes={list(axes)} must name every axis in order" if wrong else None


def _cast_target(node: onnx.NodeProto, _: _Scope) -> str | None:
    kind = _attribute(node, "to")
    return f"data type {_type_name(kind)} is not a TensorRT type" if kind not in _CAST else None


#: Documented limit of TopK: K must be less than this.
_TOP_K_LIMIT = 3840


def _top_k_limit(node: onnx.NodeProto, scope: _Scope) -> str | None:
    k = scope.integers.get(node.input[1])
    return f"K={k} must be less than {_TOP_K_LIMIT}" if k is not None and k >= _TOP_K_LIMIT else None


_POOL = (_ranks(4, 5), _no_dilation)
_CONV = (_ranks(3, 4, 5),)
_REDUCE = (_constant_input(1, "axes"),)
_COORDINATES = ("half_pixel", "pytorch_half_pixel", "tf_half_pixel_for_nn", "asymmetric", "align_corners")
_NEAREST = ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")

#: Documented restrictions in addition to data types.  Convolution over at most three spatial axes is a limit of
#: TensorRT's layer; the rest is the parser's matrix.
_RULES: dict[str, tuple[_Rule, ...]] = {
    "AveragePool": _POOL,
    "Cast": (_cast_target,),
    "Conv": _CONV,
    "ConvTranspose": _CONV,
    "CumSum": (_constant_input(1, "axis"),),
    "DeformConv": (_ranks(3, 4),),
    "GridSample": (_ranks(4),),
    "InstanceNormalization": (_ranks(3, 4, 5),),
    "LayerNormalization": (_one_output,),
    "LpPool": _POOL,
    "MaxPool": (*_POOL, _one_output),
    "NonMaxSuppression": (_ranks(3),),
    "OneHot": (_constant_input(1, "depth"),),
    "Resize": (
        _only("mode", "nearest", "nearest", "linear"),
        _only("coordinate_transformation_mode", "half_pixel", *_COORDINATES),
        _only("nearest_mode", "round_prefer_floor", *_NEAREST),
        _only("antialias", 0, 0),
        _only("keep_aspect_ratio_policy", "stretch", "stretch"),
        _iota_axes,
    ),
    "ScatterND": (_only("reduction", "none", "none"),),
    "TopK": (_only("sorted", 1, 1), _top_k_limit),
    **{name: _REDUCE for name in OPERATORS if name.startswith("Reduce")},
}
