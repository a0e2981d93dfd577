"""The head of a request as values: which model, which tensors, and where their bytes are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from tritonclient.grpc import service_pb2

from scanserve.server.gate.refusal import invalid
from scanserve.server.gate.wire import Parts

__all__ = ["Head", "Input", "Output", "Window", "read_head"]

#: Parameters of a request that change nothing for these models, with the kinds that they may have.
_HARMLESS: Mapping[str, tuple[str, ...]] = {
    "triton_enable_empty_final_response": ("bool_param",),
    "priority": ("int64_param", "uint64_param"),
    "timeout": ("int64_param", "uint64_param"),
}

_REGION, _SIZE, _OFFSET = "shared_memory_region", "shared_memory_byte_size", "shared_memory_offset"
_KINDS = {_REGION: "string_param", _SIZE: "int64_param", _OFFSET: "int64_param"}


@dataclass(frozen=True)
class Window:
    """``size`` bytes from ``offset`` on in the shared-memory region called ``region``."""

    region: str
    offset: int
    size: int


@dataclass(frozen=True)
class Input:
    """One input as it was declared; its bytes came with the request or lie in shared memory."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    source: memoryview | Window

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.source.size if isinstance(self.source, Window) else self.source.nbytes


@dataclass(frozen=True)
class Output:
    """One output that was asked for; ``target`` is where it is to go, None for the answer."""

    name: str
    target: Window | None


@dataclass(frozen=True)
class Head:
    """What a request declares; nothing of it is checked but its form.  No ``outputs`` stand for all."""

    model: str
    version: str
    id: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]

    @property
    def windows(self) -> tuple[Window, ...]:
        """Every piece of shared memory that the request names."""
        places = [*(tensor.source for tensor in self.inputs), *(tensor.target for tensor in self.outputs)]
        return tuple(place for place in places if isinstance(place, Window))


def read_head(parts: Parts) -> Head:
    """Read the head of a message.

    Raises:
        Refusal: ``INVALID_ARGUMENT`` where it is malformed, carries contents in typed fields, parameters other
            than those of shared memory, or not one raw content for each input outside of shared memory.
    """
    try:
        message = service_pb2.ModelInferRequest.FromString(parts.head)
    except DecodeError as error:
        raise invalid("the request is not a ModelInferRequest.") from error
    _check_parameters(message.parameters)
    raw = iter(parts.contents)
    inputs = tuple(_inputs(message.inputs, raw))
    if next(raw, None) is not None:
        raise invalid("raw_input_contents must have one entry for each input outside of shared memory.")
    outputs = tuple(
        Output(tensor.name, _window(tensor.name, tensor.parameters)) for tensor in message.outputs
    )
    return Head(message.model_name, message.model_version, message.id, inputs, outputs)


def _inputs(tensors: Iterable[Any], raw: Iterator[memoryview]) -> Iterator[Input]:
    for tensor in tensors:
        if tensor.HasField("contents"):
            raise invalid(f"input {tensor.name[:64]!r} must be sent in raw_input_contents.")
        source = _window(tensor.name, tensor.parameters) or next(raw, None)
        if source is None:
            raise invalid(f"input {tensor.name[:64]!r} has no entry in raw_input_contents.")
        yield Input(tensor.name, tensor.datatype, tuple(tensor.shape), source)


def _check_parameters(parameters: Mapping[str, Any]) -> None:
    """Refuse what the served models do not know, such as sequences; clients set some harmless ones unasked."""
    for name, parameter in parameters.items():
        if parameter.WhichOneof("parameter_choice") not in _HARMLESS.get(name, ()):
            raise invalid(f"a request has parameters that are not taken: {name[:64]!r}.")


def _window(tensor: str, parameters: Mapping[str, Any]) -> Window | None:
    """The shared memory that a tensor's parameters name; None where there are none."""
    if not parameters:
        return None
    for name, parameter in parameters.items():
        if parameter.WhichOneof("parameter_choice") != _KINDS.get(name, ""):
            raise invalid(f"tensor {tensor[:64]!r} takes no parameter {name[:64]!r} of this type.")
    if not {_REGION, _SIZE} <= set(parameters):
        raise invalid(f"tensor {tensor[:64]!r} must name region and size of its shared memory.")
    offset = parameters[_OFFSET].int64_param if _OFFSET in parameters else 0
    return Window(parameters[_REGION].string_param, offset, parameters[_SIZE].int64_param)
