"""The asyncio client."""

from __future__ import annotations

import asyncio
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

__all__ = ["AsyncClient"]

T = TypeVar("T")


class AsyncClient(Facade):
    """The asyncio face of :class:`~scanserve.client.transport.sync.Client`: same arguments, same errors.

    Use it from one event loop.  Copying a volume into shared memory or a message blocks the loop for about
    as long as a memory copy takes (0.1 s for 150 MB).

    Example::

        async with AsyncClient("127.0.0.1:8001") as client:
            first, second = await asyncio.gather(client.infer(QUALITY, one), client.infer(QUALITY, other))
    """

    _channel: grpc.aio.Channel

    async def infer(self, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        """Like ``Client.infer``."""
        return await self._drive(self._session.infer(spec, inputs))

    async def server_info(self) -> ServerInfo:
        """Like ``Client.server_info``."""
        return await self._drive(self._session.server_info())

    async def is_ready(self, model: str | None = None) -> bool:
        """Like ``Client.is_ready``."""
        return await self._drive(self._session.is_ready(model))

    async def metadata(self, model: str) -> ModelMetadata:
        """Like ``Client.metadata``."""
        return await self._drive(self._session.metadata(model))

    async def parameters(self, model: str) -> dict[str, str]:
        """The parameters of one model's configuration, as the server has them."""
        return await self._drive(self._session.parameters(model))

    async def close(self) -> None:
        """Like ``Client.close``."""
        try:
            if self._is_open:
                await self._drive(self._session.close())
        finally:
            self._closed = True
            if self._channel is not None:
                await self._channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _drive(self, steps: Steps[T]) -> T:
        """Perform a conversation to its end."""
        try:
            step = next(steps)
            while True:
                try:
                    result = await self._perform(step)
                except grpc.RpcError as error:
                    step = steps.throw(from_rpc_error(error))
                else:
                    step = steps.send(result)
        except StopIteration as done:
            return done.value
        finally:
            steps.close()

    async def _perform(self, step: Step) -> bytes:
        if isinstance(step, Sleep):
            await asyncio.sleep(step.seconds)
            return b""
        call = self._open().unary_unary(step.path)
        return await call(step.payload, timeout=step.timeout_s, metadata=step.metadata)

    def _open(self) -> grpc.aio.Channel:
        return self._opened(grpc.aio.insecure_channel, grpc.aio.secure_channel)
