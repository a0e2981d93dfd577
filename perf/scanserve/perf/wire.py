"""A request built with the generated classes: the peer of the client's own encoding."""

from __future__ import annotations

from tritonclient.grpc import service_pb2

from scanserve.client.transport import Request

__all__ = ["generated_bytes"]


def generated_bytes(request: Request) -> bytes:
    """The bytes of the same tensors by ``InferInput.set_data_from_numpy`` and the generated message."""
    message = service_pb2.ModelInferRequest(model_name=request.spec.name)
    for tensor, array in zip(request.spec.inputs, request.arrays, strict=True):
        message.inputs.add(name=tensor.name, datatype=tensor.dtype, shape=array.shape)
        message.raw_input_contents.extend([array.tobytes()])
    for tensor in request.spec.outputs:
        message.outputs.add(name=tensor.name)
    return message.SerializeToString()
