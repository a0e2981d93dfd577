"""The request that Triton gets: written anew from what was checked, so that nothing else reaches it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tritonclient.grpc import service_pb2

from scanserve.server.gate.head import Head, Window

__all__ = ["Outgoing", "Source"]

#: Where the bytes of an input are: in the message that came, in a copy, or in shared memory.
Source = memoryview | bytes | Window

_RAW_INPUT_CONTENTS_TAG = bytes([7 << 3 | 2])


@dataclass(frozen=True)
class Outgoing:
    """A checked request: ``sources`` of its inputs and ``targets`` of outputs in shared memory, by name.

    Both may differ from what the head says; regions have the names that Triton knows.
    """

    head: Head
    sources: Mapping[str, Source]
    targets: Mapping[str, Window] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The serialised ``ModelInferRequest``; contents outside of shared memory are copied once."""
        parts: list[bytes | memoryview] = [self._header().SerializeToString()]
        for tensor in self.head.inputs:
            source = self.sources[tensor.name]
            if not isinstance(source, Window):
                parts += [_RAW_INPUT_CONTENTS_TAG, bytes(_varint(len(source))), source]
        return b"".join(parts)

    def _header(self) -> Any:
        head = self.head
        message = service_pb2.ModelInferRequest(model_name=head.model, model_version=head.version, id=head.id)
        for tensor in head.inputs:
            written = message.inputs.add(name=tensor.name, datatype=tensor.dtype, shape=tensor.shape)
            source = self.sources[tensor.name]
            if isinstance(source, Window):
                _refer(written, source)
        for output in head.outputs:
            written = message.outputs.add(name=output.name)
            if output.name in self.targets:
                _refer(written, self.targets[output.name])
        return message


def _refer(tensor: Any, window: Window) -> None:
    tensor.parameters["shared_memory_region"].string_param = window.region
    tensor.parameters["shared_memory_byte_size"].int64_param = window.size
    if window.offset:
        tensor.parameters["shared_memory_offset"].int64_param = window.offset


def _varint(number: int) -> Iterator[int]:
    """Protobuf's variable-length form of a number that is not negative."""
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number
