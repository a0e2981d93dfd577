"""What a request must be like before a model sees it, from the model's contract."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from scanserve.contracts import Axis, ModelSpec, TensorSpec
from scanserve.server.gate.head import Head, Input
from scanserve.server.gate.refusal import Refusal, invalid

__all__ = ["check_request", "largest_request"]

_VERSION = re.compile(r"\d{0,9}")
_LONGEST_ID = 256


def check_request(spec: ModelSpec, head: Head) -> int:
    """Hold a request to its contract: names, types, signs and limits of the axes, and the bytes that came.

    Returns:
        How many items it asks for: the size of its batch, 1 for a model without a batch axis.

    Raises:
        Refusal: ``INVALID_ARGUMENT`` with the first thing that is wrong.
    """
    if not _VERSION.fullmatch(head.version):
        raise invalid("a model's version must be a number.")
    if len(head.id) > _LONGEST_ID:
        raise invalid(f"a request's id must have at most {_LONGEST_ID} characters.")
    _check_names(spec, head)
    for tensor in head.inputs:
        _check_input(spec, spec.input(tensor.name), tensor)
    return _batch(spec, head.inputs)


def largest_request(spec: ModelSpec) -> int:
    """Bytes of the inputs of the largest valid request."""
    return max(1, spec.max_batch_size) * sum(tensor.largest_bytes for tensor in spec.inputs)


def _check_names(spec: ModelSpec, head: Head) -> None:
    wanted = sorted(tensor.name for tensor in spec.inputs)
    if sorted(tensor.name for tensor in head.inputs) != wanted:
        raise invalid(f"{spec.name} must have the inputs {', '.join(wanted)}, each once.")
    asked = [tensor.name for tensor in head.outputs]
    known = {tensor.name for tensor in spec.outputs}
    if len(set(asked)) != len(asked) or not set(asked) <= known:
        raise invalid(
            f"of {spec.name} only the outputs {', '.join(sorted(known))} can be asked for, each once."
        )


def _check_input(spec: ModelSpec, contract: TensorSpec, tensor: Input) -> None:
    if tensor.dtype != contract.dtype:
        raise invalid(f"input {tensor.name!r} of {spec.name} must be {contract.dtype}.")
    axes = (Axis("batch", None, spec.max_batch_size), *contract.axes) if spec.batched else contract.axes
    if len(tensor.shape) != len(axes) or not all(map(_fits, axes, tensor.shape)):
        raise _wrong_shape(spec, axes, tensor)
    size = math.prod(tensor.shape) * contract.numpy_dtype.itemsize
    if size > contract.largest_bytes * max(1, spec.max_batch_size):
        raise invalid(
            f"input {tensor.name!r} of {spec.name} must have at most {contract.largest_bytes} bytes."
        )
    if tensor.size != size:
        raise invalid(
            f"input {tensor.name!r} of {spec.name} must have {size} bytes for shape "
            f"{list(tensor.shape)} but has {tensor.size}."
        )


def _fits(axis: Axis, size: int) -> bool:
    return size == axis.size if axis.size is not None else 1 <= size <= axis.maximum


def _wrong_shape(spec: ModelSpec, axes: Sequence[Axis], tensor: Input) -> Refusal:
    wanted = ", ".join(
        f"{axis.name} 1 to {axis.maximum}" if axis.size is None else str(axis) for axis in axes
    )
    came = list(tensor.shape[: len(axes) + 1])
    return invalid(f"input {tensor.name!r} of {spec.name} must have axes ({wanted}) but has shape {came}.")


def _batch(spec: ModelSpec, inputs: Sequence[Input]) -> int:
    if not spec.batched:
        return 1
    sizes = {tensor.shape[0] for tensor in inputs}
    if len(sizes) != 1:
        raise invalid(f"the inputs of {spec.name} must have one batch size.")
    return sizes.pop()
