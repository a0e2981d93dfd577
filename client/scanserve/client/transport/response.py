"""A response to arrays that satisfy the contract, without I/O."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError
from tritonclient.grpc import service_pb2

from scanserve.contracts import InferenceError, InputError, ModelSpec, TensorSpec

__all__ = ["parse_response"]

Array = npt.NDArray


def parse_response(spec: ModelSpec, response: bytes | service_pb2.ModelInferResponse) -> dict[str, Array]:
    """The outputs of ``spec`` in ``response``, as arrays of their own (writable) memory.

    Args:
        spec: the contract; where it is batched, every output carries the leading batch axis.
        response: a ``ModelInferResponse``, serialised or not, with its outputs in ``raw_output_contents``.

    Raises:
        InferenceError: code ``response-mismatch`` when the answer is not what the contract says.
    """
    message = _message(spec, response)
    raw = dict(zip((tensor.name for tensor in message.outputs), message.raw_output_contents, strict=False))
    described = {tensor.name: tensor for tensor in message.outputs}
    return {tensor.name: _array(spec, tensor, described, raw) for tensor in spec.outputs}


def _message(
    spec: ModelSpec, response: bytes | service_pb2.ModelInferResponse
) -> service_pb2.ModelInferResponse:
    if isinstance(response, service_pb2.ModelInferResponse):
        return response
    try:
        return service_pb2.ModelInferResponse.FromString(response)
    except DecodeError as error:
        raise _mismatch(spec, "must be a ModelInferResponse but cannot be decoded") from error


def _array(
    spec: ModelSpec,
    tensor: TensorSpec,
    described: dict[str, service_pb2.ModelInferResponse.InferOutputTensor],
    raw: dict[str, bytes],
) -> Array:
    """One output, checked against its spec."""
    if tensor.name not in raw:
        raise _mismatch(spec, f"must hold {tensor.name!r} but holds {', '.join(raw) or 'nothing'}")
    found = described[tensor.name]
    if found.datatype != tensor.dtype:
        raise _mismatch(spec, f"must hold {tensor.name!r} as {tensor.dtype} but holds {found.datatype}")
    shape, contents = tuple(found.shape), raw[tensor.name]
    expected = math.prod(shape) * tensor.numpy_dtype.itemsize
    if len(contents) != expected:
        raise _mismatch(spec, f"must hold {expected} bytes of {tensor.name!r} but holds {len(contents)}")
    array = np.frombuffer(contents, tensor.numpy_dtype).reshape(shape).copy()
    try:
        tensor.validate(array, batched=spec.batched)
    except InputError as error:
        raise InferenceError("response-mismatch", f"the answer of {spec.name} is wrong: {error}") from error
    return array


def _mismatch(spec: ModelSpec, what: str) -> InferenceError:
    return InferenceError("response-mismatch", f"the answer of {spec.name} {what}.")
