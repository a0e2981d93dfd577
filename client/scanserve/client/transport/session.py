"""What is said to the server, and in which order: written once, as generators, for both clients.

A generator yields steps (:mod:`~scanserve.client.transport.calls`); its driver performs each, blocking or
with asyncio, and sends the result in or throws a ``Failure``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import grpc
import numpy.typing as npt
from google.protobuf.message import Message
from tritonclient.grpc import service_pb2

from scanserve.client.transport.calls import Call, Deadline, Sleep, Steps
from scanserve.client.transport.errors import Failure, to_error
from scanserve.client.transport.info import ModelMetadata, ServerInfo
from scanserve.client.transport.request import Request, build_request
from scanserve.client.transport.response import parse_response
from scanserve.client.transport.settings import Settings
from scanserve.client.transport.sharedmemory import SharedMemory
from scanserve.contracts import ModelSpec

__all__ = ["Session"]

T = TypeVar("T")
#: What Triton says (INVALID_ARGUMENT or NOT_FOUND) about a region it does not know.
_REGION_UNKNOWN = "unable to find"


class Session:
    """The conversation with one server; no I/O of its own except into shared memory.

    ``transport_used`` is how the last request's inputs travelled: "shared-memory", "grpc" or None.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.shared_memory = SharedMemory(settings)
        self.transport_used: str | None = None
        self._clock = clock
        self._met = False

    def infer(self, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> Steps[dict[str, npt.NDArray]]:
        """Run ``spec`` on ``inputs``."""
        request = build_request(spec, inputs)
        answer = yield from self._persist(lambda deadline: self._infer_once(request, deadline), spec.name)
        return parse_response(spec, answer)

    def server_info(self) -> Steps[ServerInfo]:
        """What the server says about itself."""
        answer = yield from self._ask("ServerMetadata", service_pb2.ServerMetadataRequest())
        return ServerInfo.from_message(service_pb2.ServerMetadataResponse.FromString(answer))

    def is_ready(self, model: str | None = None) -> Steps[bool]:
        """Whether the server, or one model of it, takes requests."""
        if model is None:
            answer = yield from self._ask("ServerReady", service_pb2.ServerReadyRequest())
            return service_pb2.ServerReadyResponse.FromString(answer).ready
        answer = yield from self._ask("ModelReady", service_pb2.ModelReadyRequest(name=model), model)
        return service_pb2.ModelReadyResponse.FromString(answer).ready

    def metadata(self, model: str) -> Steps[ModelMetadata]:
        """What the server says about one model."""
        answer = yield from self._ask("ModelMetadata", service_pb2.ModelMetadataRequest(name=model), model)
        return ModelMetadata.from_message(service_pb2.ModelMetadataResponse.FromString(answer))

    def parameters(self, model: str) -> Steps[dict[str, str]]:
        """The parameters of one model's configuration."""
        answer = yield from self._ask("ModelConfig", service_pb2.ModelConfigRequest(name=model), model)
        config = service_pb2.ModelConfigResponse.FromString(answer).config
        return {key: value.string_value for key, value in config.parameters.items()}

    def close(self) -> Steps[None]:
        """Take back what was registered with the server."""
        yield from self.shared_memory.close()

    def _ask(self, method: str, message: Message, model: str = "") -> Steps[bytes]:
        payload = message.SerializeToString()
        return (yield from self._persist(lambda deadline: _once(method, payload, deadline), model))

    def _persist(self, attempt: Callable[[Deadline], Steps[T]], model: str) -> Steps[T]:
        """Repeat ``attempt`` within the deadline where that may help; failures leave as errors of the tree."""
        deadline = Deadline.after(self.settings.timeout_s, self._clock)
        yield from self._meet()
        retry = 0
        while True:
            try:
                return (yield from attempt(deadline))
            except Failure as failure:
                wait = self._wait(failure, retry, deadline)
                if wait is None:
                    raise to_error(failure, self.settings.target, model) from failure
                retry += failure.retry_after_s is None
            yield Sleep(wait)

    def _wait(self, failure: Failure, retry: int, deadline: Deadline) -> float | None:
        """Seconds until the next attempt, None to give up."""
        if failure.retry_after_s is not None:
            return self.settings.retry.delay_told(failure.retry_after_s, deadline.remaining_s)
        return self.settings.retry.delay(retry, deadline.remaining_s) if failure.retryable else None

    def _meet(self) -> Steps[None]:
        """The first contact: short and not repeated, so that an absent server is reported at once."""
        if self._met:
            return
        timeout_s = min(self.settings.connect_timeout_s, self.settings.timeout_s)
        try:
            yield Call("ServerLive", b"", timeout_s)
        except Failure as failure:
            if failure.status is grpc.StatusCode.DEADLINE_EXCEEDED:
                failure = Failure(grpc.StatusCode.UNAVAILABLE, f"no answer within {timeout_s:g} s")
            raise to_error(failure, self.settings.target) from failure
        self._met = True

    def _infer_once(self, request: Request, deadline: Deadline) -> Steps[bytes]:
        """One attempt; a region that a restarted server no longer knows is replaced once."""
        try:
            return (yield from self._send(request, deadline))
        except Failure as failure:
            if not _is_region_unknown(failure):
                raise
        self.shared_memory.forget()
        return (yield from self._send(request, deadline))

    def _send(self, request: Request, deadline: Deadline) -> Steps[bytes]:
        region = yield from self.shared_memory.borrow(request.size)
        with self.shared_memory.returning(region):
            if region is None:
                payload = request.to_bytes()
            else:
                request.copy_to(region.memory)
                payload = request.to_reference(region.name)
            answer = yield Call("ModelInfer", payload, deadline.remaining_s, (request.announced,))
        self.transport_used = "grpc" if region is None else "shared-memory"
        return answer


def _once(method: str, payload: bytes, deadline: Deadline) -> Steps[bytes]:
    return (yield Call(method, payload, deadline.remaining_s))


def _is_region_unknown(failure: Failure) -> bool:
    said = failure.details.lower()
    return _REGION_UNKNOWN in said and "shared memory region" in said
