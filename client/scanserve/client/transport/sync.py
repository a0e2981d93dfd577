"""The blocking client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import TypeVar

import grpc
import numpy.typing as npt

from scanserve.client.transport.calls import Sleep, Step, Steps
from scanserve.client.transport.errors import from_rpc_error
from scanserve.client.transport.facade import Facade
from scanserve.client.transport.info import ModelMetadata, ServerInfo
from scanserve.contracts import ModelSpec

__all__ = ["Client"]

T = TypeVar("T")


class Client(Facade):
    """A blocking client of one server; safe to use from several threads; close it, or use it in a ``with``.

    Args: those of :class:`~scanserve.client.transport.settings.Settings`, with ``retries`` a number or a
    :class:`~scanserve.client.transport.retry.Retry`.

    Every method raises ``ServerError`` (codes ``server-unavailable``, ``deadline-exceeded``,
    ``model-not-found``, ...) or ``InferenceError`` (``request-refused``, ``inference-failed``, ...).

    Example::

        with Client("127.0.0.1:8001") as client:
            outputs = client.infer(CENTERLINE, {"volume": hu, "spacing": spacing, "origin": origin})
    """

    _channel: grpc.Channel

    def infer(self, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        """Run ``spec`` on ``inputs`` and return its outputs by name, both as the contract has them.

        Raises:
            InputError: what :func:`~scanserve.client.transport.request.build_request` raises.
            InferenceError: code ``response-mismatch`` when the answer breaks the contract.
        """
        return self._drive(self._session.infer(spec, inputs))

    def server_info(self) -> ServerInfo:
        """Name, version and extensions of the server."""
        return self._drive(self._session.server_info())

    def is_ready(self, model: str | None = None) -> bool:
        """Whether the server, or one model of it, says that it takes requests."""
        return self._drive(self._session.is_ready(model))

    def metadata(self, model: str) -> ModelMetadata:
        """The tensors of one model as the server has them."""
        return self._drive(self._session.metadata(model))

    def parameters(self, model: str) -> dict[str, str]:
        """The parameters of one model's configuration, as the server has them."""
        return self._drive(self._session.parameters(model))

    def close(self) -> None:
        """Take the shared memory back and close the connection; a second call does nothing."""
        try:
            if self._is_open:
                self._drive(self._session.close())
        finally:
            self._closed = True
            if self._channel is not None:
                self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drive(self, steps: Steps[T]) -> T:
        """Perform a conversation to its end."""
        try:
            step = next(steps)
            while True:
                try:
                    result = self._perform(step)
                except grpc.RpcError as error:
                    step = steps.throw(from_rpc_error(error))
                else:
                    step = steps.send(result)
        except StopIteration as done:
            return done.value
        finally:
            steps.close()

    def _perform(self, step: Step) -> bytes:
        if isinstance(step, Sleep):
            time.sleep(step.seconds)
            return b""
        call = self._open().unary_unary(step.path)
        return call(step.payload, timeout=step.timeout_s, metadata=step.metadata)

    def _open(self) -> grpc.Channel:
        return self._opened(grpc.insecure_channel, grpc.secure_channel)
