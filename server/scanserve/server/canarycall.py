"""The inference of one canary: its large tensors lie in shared memory, where the server takes any.

A client on the server's machine sends its volumes so, and the gate has nothing to copy.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt
import tritonclient.grpc as triton
from tritonclient.utils import triton_to_np_dtype

from scanserve.contracts import ModelSpec, ServerError, TensorSpec
from scanserve.contracts.sharedmemory import SHM_KEY_HEADER, WORTH_IT, SharedBlock, offsets

__all__ = ["infer"]

_DEADLINE_S = 120.0

#: gRPC on loopback: no proxy, no limit on message size but the protocol's.
_CHANNEL = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


@dataclass(frozen=True)
class _Place:
    """Where a tensor lies in a block, bytes."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        return self.offset + self.size


@dataclass(frozen=True)
class _Shared:
    """A block that the server knows, and the places of the tensors in it by name."""

    block: SharedBlock
    places: Mapping[str, _Place]

    def array(self, name: str, dtype: np.dtype, shape: Sequence[int]) -> npt.NDArray:
        """The tensor in the block, not copied."""
        return np.frombuffer(self.block.memory, dtype, prod(shape), self.places[name].offset).reshape(shape)


def infer(
    url: str, spec: ModelSpec, inputs: Mapping[str, npt.NDArray], key: str = ""
) -> dict[str, npt.NDArray]:
    """What a model answers, by the names of its outputs.

    Args:
        url: the gRPC address, ``host:port``.
        spec: the model's contract.
        inputs: by name, as the contract has them; with a batch axis of 1 where the model is batched.
        key: what opens the server's shared memory; without, everything goes in messages.

    Raises:
        ServerError: code ``canary-failed``.
    """
    try:
        with triton.InferenceServerClient(url, channel_args=_CHANNEL) as client:
            return _infer(client, spec, inputs, key)
    except triton.InferenceServerException as error:
        raise ServerError(
            "canary-failed", f"model {spec.name!r} did not answer its canary: {error.message()}."
        ) from error


def _infer(
    client: triton.InferenceServerClient, spec: ModelSpec, inputs: Mapping[str, npt.NDArray], key: str
) -> dict[str, npt.NDArray]:
    with _shared(client, _places(spec, inputs) if key else {}, key) as shared:
        tensors = [_input(spec, name, array, shared) for name, array in inputs.items()]
        wanted = [_output(tensor.name, shared) for tensor in spec.outputs]
        result = client.infer(spec.name, tensors, outputs=wanted, client_timeout=_DEADLINE_S)
        return {tensor.name: _answer(result, tensor.name, shared) for tensor in spec.outputs}


def _places(spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, _Place]:
    """Where every large tensor goes; the size of an output is known where none of its axes is dynamic."""
    sizes = {name: array.nbytes for name, array in inputs.items()}
    sizes |= {tensor.name: _size(tensor) for tensor in spec.outputs}
    large = {name: size for name, size in sizes.items() if size >= WORTH_IT}
    starts = offsets(large.values())
    return {name: _Place(start, size) for start, (name, size) in zip(starts, large.items(), strict=True)}


def _size(tensor: TensorSpec) -> int:
    """Bytes of an output for one item; 0 where an axis is dynamic."""
    return prod(axis.size or 0 for axis in tensor.axes) * tensor.numpy_dtype.itemsize


@contextlib.contextmanager
def _shared(
    client: triton.InferenceServerClient, places: Mapping[str, _Place], key: str
) -> Iterator[_Shared | None]:
    """A block with those places, which the server knows for the time of the ``with``; None where there is none."""
    block = _block(places)
    if block is None:
        yield None
        return
    headers = {SHM_KEY_HEADER: key}
    try:
        try:
            client.register_system_shared_memory(block.name, block.key, block.size, headers=headers)
        finally:
            block.unlink()
        yield _Shared(block, places)
        client.unregister_system_shared_memory(block.name, headers=headers)
    finally:
        block.close()  # answers keep the memory


def _block(places: Mapping[str, _Place]) -> SharedBlock | None:
    try:
        return (
            SharedBlock("scanserve-canary-", max(place.end for place in places.values())) if places else None
        )
    except OSError:
        return None  # no memory: in messages then


def _input(spec: ModelSpec, name: str, array: npt.NDArray, shared: _Shared | None) -> triton.InferInput:
    tensor = triton.InferInput(name, array.shape, spec.input(name).dtype)
    if shared is None or name not in shared.places:
        tensor.set_data_from_numpy(array)
        return tensor
    shared.array(name, array.dtype, array.shape)[...] = array
    tensor.set_shared_memory(shared.block.name, shared.places[name].size, shared.places[name].offset)
    return tensor


def _output(name: str, shared: _Shared | None) -> triton.InferRequestedOutput:
    tensor = triton.InferRequestedOutput(name)
    if shared is not None and name in shared.places:
        tensor.set_shared_memory(shared.block.name, shared.places[name].size, shared.places[name].offset)
    return tensor


def _answer(result: triton.InferResult, name: str, shared: _Shared | None) -> npt.NDArray:
    if shared is None or name not in shared.places:
        return result.as_numpy(name)
    head = result.get_output(name)
    return shared.array(name, np.dtype(triton_to_np_dtype(head.datatype)), tuple(head.shape))
