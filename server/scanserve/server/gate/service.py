"""The gate's gRPC service: which call is answered by whom, and how refusals are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

import grpc

from scanserve.server.gate.call import Answer, Call
from scanserve.server.gate.door import Door
from scanserve.server.gate.refusal import Refusal, invalid

__all__ = ["SERVER_OPTIONS", "Check", "Service"]

#: Looks at the metadata of a call before its message; raises ``Refusal``.
Check = Callable[[Mapping[str, str]], None]

#: Options of the gRPC server besides the size of messages.  No compression: it inflates without a limit.
SERVER_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
    ("grpc.max_metadata_size", 16 << 10),
    ("grpc.max_concurrent_streams", 256),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.compression_enabled_algorithms_bitset", 1),
    ("grpc.per_message_decompression", 0),
)


class Service(grpc.GenericRpcHandler):
    """Routes calls by their full name to ``answers``; those in ``closed`` are refused before they are read.

    A handler of streams takes unary calls as well, and is called before the message has been received: then ``checks``,
    by the full name too, look at the metadata and may raise ``Refusal``.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer],
        closed: frozenset[str],
        door: Door,
        checks: Mapping[str, Check] | None = None,
    ) -> None:
        self._answers = answers
        self._closed = closed
        self._door = door
        self._checks = checks or {}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """The handler of one call; None where there is none."""
        path = handler_call_details.method
        if path in self._closed:
            return grpc.stream_unary_rpc_method_handler(_refuse_closed)
        answer = self._answers.get(path)
        if answer is None:
            return None
        check = self._checks.get(path, _fine)
        return grpc.stream_unary_rpc_method_handler(partial(self._handle, answer, check))

    async def _handle(
        self, answer: Answer, check: Check, _requests: Any, context: grpc.aio.ServicerContext
    ) -> bytes:
        outcome = await self._outcome(answer, check, context)
        if isinstance(outcome, Refusal):
            await _say(outcome, context)
        return outcome

    async def _outcome(
        self, answer: Answer, check: Check, context: grpc.aio.ServicerContext
    ) -> bytes | Refusal:
        """The answer, or the refusal: aborting a call raises, which must not happen where the message is at hand."""
        metadata = _metadata(context)
        try:
            with self._door.entered():
                check(metadata)
                async with self._door.received(partial(_read, context)) as message:
                    call = Call(message, metadata, context.time_remaining)
                    return await self._door.while_open(answer(call))
        except Refusal as refusal:
            return refusal.alone()


def _fine(metadata: Mapping[str, str]) -> None:
    """Take every call."""


async def _read(context: grpc.aio.ServicerContext) -> bytes:
    message = await context.read()
    if not isinstance(message, bytes):
        raise invalid("the call carries no message.")
    return message


def _metadata(context: grpc.aio.ServicerContext) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}


async def _refuse_closed(_requests: Any, context: grpc.aio.ServicerContext) -> bytes:
    refusal = Refusal(
        grpc.StatusCode.PERMISSION_DENIED, "This protocol is restricted: it is closed to everyone."
    )
    return await _say(refusal, context)


async def _say(refusal: Refusal, context: grpc.aio.ServicerContext) -> NoReturn:
    await context.abort(refusal.status, refusal.details, refusal.metadata)
    raise refusal  # not reached: abort raises
