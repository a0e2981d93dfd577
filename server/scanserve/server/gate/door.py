"""How many calls are taken in at once, and how much memory their messages may hold."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import grpc

from scanserve.server.gate.refusal import Refusal

__all__ = ["Door"]

#: Calls that are open, whatever they wait for, and messages that are received at the same time.
_MOST_OPEN, _MOST_READING = 512, 8
#: A message must have arrived in this time, seconds: who sends more slowly keeps others out.
_READ_S = 30.0
_COME_BACK_S = 0.5


class Door:
    """Used by one event loop; ``held_bytes`` bounds the messages in memory, a single larger one excepted."""

    def __init__(
        self,
        held_bytes: int,
        *,
        most_open: int = _MOST_OPEN,
        most_reading: int = _MOST_READING,
        read_s: float = _READ_S,
    ) -> None:
        self._most_held = held_bytes
        self._most_open = most_open
        self._read_s = read_s
        self._reading = asyncio.Semaphore(most_reading)
        self._open = 0
        self._held = 0
        self._closed = asyncio.Event()
        self._reason = ""

    @property
    def is_empty(self) -> bool:
        """Whether no call is open."""
        return not self._open

    def close(self, reason: str) -> None:
        """Refuse every call that is open, and those that come; callers are told the ``reason``."""
        self._reason = reason
        self._closed.set()

    async def while_open(self, answering: Awaitable[bytes]) -> bytes:
        """What ``answering`` returns; it is cancelled when the door closes.

        Raises:
            Refusal: ``ABORTED`` where the door closes first: what the callers of such a call may do is to start
                anew, not to send it again and again, since it may be what made a model hang.
        """
        answer = asyncio.ensure_future(answering)
        closed = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait({answer, closed}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise Refusal(grpc.StatusCode.ABORTED, self._reason)
            return answer.result()
        finally:
            answer.cancel()
            closed.cancel()

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Count a call for the time of the block; raises ``Refusal`` before its message is received."""
        if self._open >= self._most_open:
            raise _busy("too many calls are open")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    @contextlib.asynccontextmanager
    async def received(self, read: Callable[[], Awaitable[bytes]]) -> AsyncIterator[bytes]:
        """The message that ``read`` receives; it counts as held for the time of the block.

        Raises:
            Refusal: ``DEADLINE_EXCEEDED`` where it does not arrive in time, ``RESOURCE_EXHAUSTED`` where there
                is no room for it.
        """
        async with self._reading:
            try:
                message = await asyncio.wait_for(read(), self._read_s)
            except asyncio.TimeoutError as error:
                raise Refusal(
                    grpc.StatusCode.DEADLINE_EXCEEDED, "the request did not arrive in time."
                ) from error
        if self._held and self._held + len(message) > self._most_held:
            raise _busy("too many bytes wait")
        self._held += len(message)
        try:
            yield message
        finally:
            self._held -= len(message)


def _busy(reason: str) -> Refusal:
    return Refusal(
        grpc.StatusCode.RESOURCE_EXHAUSTED, f"{reason}; come back in {_COME_BACK_S:g} s.", _COME_BACK_S
    )
