"""Triton behind the gate: one channel, the header that opens it, and failures as refusals."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import grpc
from tritonclient.grpc import service_pb2

from scanserve.server.gate.refusal import Refusal

__all__ = ["SERVICE", "Upstream"]

#: Full name of the KServe v2 service.
SERVICE = "inference.GRPCInferenceService"
_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)
#: Longest call that is no inference, and longest inference: then the place in the line is given to another.
CALL_S, INFER_S = 10.0, 600.0


class Upstream:
    """The Triton server at ``target``; ``metadata`` goes with every call."""

    def __init__(self, target: str, metadata: Sequence[tuple[str, str]] = ()) -> None:
        self._channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
        self._metadata = tuple(metadata)
        self._calls: dict[str, Any] = {}

    async def call(self, method: str, payload: bytes, timeout_s: float = CALL_S) -> bytes:
        """The answer of ``method``, serialised.

        Raises:
            Refusal: with the status and the words that Triton, or gRPC, answered.
        """
        if method not in self._calls:
            self._calls[method] = self._channel.unary_unary(f"/{SERVICE}/{method}")
        try:
            return await self._calls[method](payload, timeout=timeout_s, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            raise Refusal(error.code(), error.details() or "") from error

    async def ready(self, model: str | None = None) -> bool:
        """Whether the server, or one model of it, takes requests."""
        try:
            if model is None:
                answer = await self.call("ServerReady", b"")
                return service_pb2.ServerReadyResponse.FromString(answer).ready
            request = service_pb2.ModelReadyRequest(name=model)
            answer = await self.call("ModelReady", request.SerializeToString())
            return service_pb2.ModelReadyResponse.FromString(answer).ready
        except Refusal:
            return False

    async def live(self) -> bool:
        """Whether the server answers."""
        try:
            return service_pb2.ServerLiveResponse.FromString(await self.call("ServerLive", b"")).live
        except Refusal:
            return False

    async def register(self, name: str, key: str, size: int, offset: int = 0) -> None:
        """Have a shared-memory region mapped; raises ``Refusal``."""
        request = service_pb2.SystemSharedMemoryRegisterRequest(
            name=name, key=key, offset=offset, byte_size=size
        )
        await self.call("SystemSharedMemoryRegister", request.SerializeToString())

    async def unregister(self, name: str) -> None:
        """Have a region dropped; a server that is gone has dropped it already."""
        request = service_pb2.SystemSharedMemoryUnregisterRequest(name=name)
        with contextlib.suppress(Refusal):
            await self.call("SystemSharedMemoryUnregister", request.SerializeToString())

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()
