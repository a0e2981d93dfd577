"""A contract and arrays to a request, without I/O.

The request's bytes are put together by hand from a protobuf header and the arrays' own memory: in protobuf,
messages that are concatenated are merged, and ``raw_input_contents`` is field 7 of ``ModelInferRequest``.
A volume is so copied once, by the join; the generated class copies it three times (``tobytes``, into the
message, and when the message is serialised).  ``scanserve perf bench --only requests`` measures both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tritonclient.grpc import service_pb2

from scanserve.contracts import InputError, ModelSpec, TensorSpec
from scanserve.contracts.announced import ANNOUNCED_HEADER, announce
from scanserve.contracts.sharedmemory import offsets

__all__ = ["MESSAGE_LIMIT", "Placement", "Request", "build_request"]

Array = npt.NDArray

#: Largest gRPC message, in bytes: the length prefix and the server's limit are signed 32-bit numbers.
MESSAGE_LIMIT = 2**31 - 1
#: What one tensor's contents cost on the wire beyond their own bytes: the tag and the longest length.
_CONTENT_OVERHEAD = 6
_RAW_INPUT_CONTENTS_TAG = bytes([7 << 3 | 2])


@dataclass(frozen=True)
class Placement:
    """Where one input lies in a shared-memory region, in bytes from its start."""

    offset: int
    size: int


@dataclass(frozen=True)
class Request:
    """A request that satisfies its contract: arrays are C-contiguous, in the order of ``spec.inputs``."""

    spec: ModelSpec
    arrays: tuple[Array, ...]

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Where each input goes in a region that holds them all, aligned."""
        sizes = [array.nbytes for array in self.arrays]
        return tuple(Placement(start, size) for start, size in zip(offsets(sizes), sizes, strict=True))

    @property
    def announced(self) -> tuple[str, str]:
        """The metadata by which a full server refuses the request before it is sent."""
        items = len(self.arrays[0]) if self.spec.batched else 1
        return ANNOUNCED_HEADER, announce(self.spec.name, items)

    @property
    def size(self) -> int:
        """Bytes of a region that holds all inputs."""
        last = self.placements[-1]
        return last.offset + last.size

    def to_bytes(self) -> bytes:
        """The serialised ``ModelInferRequest`` with the inputs in ``raw_input_contents``."""
        parts = [_header(self.spec, self.arrays).SerializeToString()]
        for array in self.arrays:
            parts += [_RAW_INPUT_CONTENTS_TAG, _varint(array.nbytes), _memory(array)]
        return b"".join(parts)

    def to_reference(self, region: str) -> bytes:
        """The serialised ``ModelInferRequest`` that refers to the shared-memory region named ``region``."""
        message = _header(self.spec, self.arrays)
        for tensor, place in zip(message.inputs, self.placements, strict=True):
            tensor.parameters["shared_memory_region"].string_param = region
            tensor.parameters["shared_memory_byte_size"].int64_param = place.size
            if place.offset:
                tensor.parameters["shared_memory_offset"].int64_param = place.offset
        return message.SerializeToString()

    def copy_to(self, memory: memoryview) -> None:
        """Copy every input to its placement in ``memory``, at least :attr:`size` writable bytes."""
        for array, place in zip(self.arrays, self.placements, strict=True):
            target = np.frombuffer(memory, array.dtype, array.size, place.offset)
            np.copyto(target.reshape(array.shape), array)


def build_request(spec: ModelSpec, inputs: Mapping[str, Array]) -> Request:
    """Check ``inputs`` against ``spec`` and bring them into its order.

    Args:
        spec: the contract; where it is batched, every input carries a leading batch axis of one same size.
        inputs: one array per input of the contract, of exactly its dtype and axes.

    Raises:
        InputError: code ``tensor-missing``, ``unknown-tensor``, ``tensor-dtype``, ``tensor-shape``,
            ``batch-size``, or ``volume-too-large`` when an input would exceed its contract's bytes or the
            message :data:`MESSAGE_LIMIT`.
    """
    _check_names(spec, inputs)
    arrays = tuple(_checked(tensor, inputs[tensor.name], spec.batched) for tensor in spec.inputs)
    if spec.batched:
        _check_batch(spec, arrays)
    _check_limit(spec, arrays)
    return Request(spec, tuple(np.ascontiguousarray(array) for array in arrays))


def _check_names(spec: ModelSpec, inputs: Mapping[str, Array]) -> None:
    expected = [tensor.name for tensor in spec.inputs]
    for code, names in (
        ("tensor-missing", [name for name in expected if name not in inputs]),
        ("unknown-tensor", [name for name in inputs if name not in expected]),
    ):
        if names:
            came = ", ".join(inputs) or "none"
            wanted = ", ".join(expected)
            raise InputError(
                code, f"inputs of {spec.name} must be {wanted} but came {came} ({code}: {', '.join(names)})."
            )


def _checked(tensor: TensorSpec, array: Array, batched: bool) -> Array:
    if not isinstance(array, np.ndarray):
        raise InputError(
            "tensor-dtype", f"tensor {tensor.name!r} must be a numpy array but is {type(array).__name__}."
        )
    if batched and array.ndim == 0:
        raise InputError("tensor-shape", f"tensor {tensor.name!r} must have a batch axis but has shape ().")
    tensor.validate(array, batched=batched)
    return array


def _check_batch(spec: ModelSpec, arrays: tuple[Array, ...]) -> None:
    sizes = sorted({array.shape[0] for array in arrays})
    if len(sizes) != 1 or not 1 <= sizes[0] <= spec.max_batch_size:
        came = ", ".join(map(str, sizes))
        raise InputError(
            "batch-size",
            f"inputs of {spec.name} must have one batch size of 1 to {spec.max_batch_size} but have {came}.",
        )


def _check_limit(spec: ModelSpec, arrays: tuple[Array, ...]) -> None:
    for tensor, array in zip(spec.inputs, arrays, strict=True):
        most = None if tensor.most_bytes is None else tensor.most_bytes * max(1, spec.max_batch_size)
        if most is not None and array.nbytes > most:
            raise InputError(
                "volume-too-large",
                f"input {tensor.name!r} of {spec.name} must have at most {most} bytes but has {array.nbytes}.",
            )
    size = _header(spec, arrays).ByteSize() + sum(array.nbytes + _CONTENT_OVERHEAD for array in arrays)
    if size > MESSAGE_LIMIT:
        raise InputError(
            "volume-too-large",
            f"the inputs of {spec.name} must fit in a message of {MESSAGE_LIMIT} bytes but need {size}.",
        )


def _header(spec: ModelSpec, arrays: tuple[Array, ...]) -> service_pb2.ModelInferRequest:
    """The request's message without the contents of its inputs."""
    message = service_pb2.ModelInferRequest(model_name=spec.name)
    for tensor, array in zip(spec.inputs, arrays, strict=True):
        message.inputs.add(name=tensor.name, datatype=tensor.dtype, shape=array.shape)
    for tensor in spec.outputs:
        message.outputs.add(name=tensor.name)
    return message


def _memory(array: Array) -> memoryview:
    """The bytes of a C-contiguous array, not copied."""
    return array.reshape(-1).view(np.uint8).data


def _varint(number: int) -> bytes:
    """Protobuf's variable-length form of a number that is not negative."""
    return bytes(_septets(number))


def _septets(number: int) -> Iterator[int]:
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number
