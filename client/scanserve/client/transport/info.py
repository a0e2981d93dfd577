"""What a server says about itself and its models."""

from __future__ import annotations

from dataclasses import dataclass

from tritonclient.grpc import service_pb2

__all__ = ["ModelMetadata", "ServerInfo", "TensorMetadata"]


@dataclass(frozen=True)
class ServerInfo:
    """Name, version and protocol extensions of a server."""

    name: str
    version: str
    extensions: tuple[str, ...]

    @classmethod
    def from_message(cls, message: service_pb2.ServerMetadataResponse) -> ServerInfo:
        """From the protocol's message."""
        return cls(message.name, message.version, tuple(message.extensions))


@dataclass(frozen=True)
class TensorMetadata:
    """One tensor as the server has it: ``shape`` with the batch axis where there is one, -1 for any size."""

    name: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ModelMetadata:
    """One model as the server has it."""

    name: str
    versions: tuple[str, ...]
    platform: str
    inputs: tuple[TensorMetadata, ...]
    outputs: tuple[TensorMetadata, ...]

    @classmethod
    def from_message(cls, message: service_pb2.ModelMetadataResponse) -> ModelMetadata:
        """From the protocol's message."""
        inputs, outputs = (
            tuple(TensorMetadata(tensor.name, tensor.datatype, tuple(tensor.shape)) for tensor in tensors)
            for tensors in (message.inputs, message.outputs)
        )
        return cls(message.name, tuple(message.versions), message.platform, inputs, outputs)
