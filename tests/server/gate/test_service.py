import asyncio
import contextlib
import gc
import sys
from types import SimpleNamespace

import grpc
import pytest

from scanserve.server.gate.background import Background
from scanserve.server.gate.door import Door
from scanserve.server.gate.refusal import Refusal, invalid
from scanserve.server.gate.service import Service

PATH = "/service/Method"


class AbortedError(Exception):
    pass


class Context:
    """The context of one call that brings ``message``."""

    def __init__(self, message):
        self.message, self.said = message, None

    async def read(self):
        return self.message

    def invocation_metadata(self):
        return ()

    def time_remaining(self):
        return None

    async def abort(self, status, details, metadata):
        self.said = status, details, metadata
        raise AbortedError


async def _parsed(call):
    """Refuse a message whose content cannot be read, out of an error that has seen it."""
    try:
        raise ValueError(call.message)
    except ValueError as error:
        raise invalid("the request is not one.") from error


async def _in_a_task(call):
    """Refuse out of work that goes on without its caller."""
    return await Background().finish(_parsed(call))


def _called(answer, message):
    service = Service({PATH: answer}, frozenset(), Door(1 << 30))
    handler = service.service(SimpleNamespace(method=PATH)).stream_unary

    async def call():
        context = Context(message)
        try:
            return await handler(None, context)
        except AbortedError:
            return context.said

    return asyncio.run(call())


def test_an_answer_is_returned():
    async def answer(call):
        return call.message[::-1]

    assert _called(answer, b"abc") == b"cba"


@pytest.mark.parametrize("answer", [_parsed, _in_a_task])
def test_a_refusal_is_said_and_keeps_no_message(answer):
    message = bytes(1000)
    gc.collect()
    before = sys.getrefcount(message)
    gc.disable()
    try:
        said = _called(answer, message)
        assert sys.getrefcount(message) == before
    finally:
        gc.enable()
    assert said == (grpc.StatusCode.INVALID_ARGUMENT, "the request is not one.", ())


def test_a_refusal_alone_has_no_traceback():
    try:
        try:
            raise ValueError
        except ValueError as error:
            raise invalid("no.") from error
    except Refusal as refusal:
        alone = refusal.alone()
    assert alone.__traceback__ is alone.__cause__ is alone.__context__ is None
    assert alone.details == "no."


def test_a_call_that_is_refused_by_its_metadata_is_not_received():
    class Announced(Context):
        received = False

        async def read(self):
            self.received = True
            return self.message

        def invocation_metadata(self):
            return (("announced", "much"),)

    async def answer(call):
        return call.message

    def check(metadata):
        if metadata.get("announced") == "much":
            raise Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "no room.", 0.25)

    service = Service({PATH: answer, "/other": answer}, frozenset(), Door(1 << 30), {PATH: check})

    async def call(path):
        context = Announced(b"abc")
        handler = service.service(SimpleNamespace(method=path)).stream_unary
        with contextlib.suppress(AbortedError):
            assert await handler(None, context) == b"abc"
        return context.said, context.received

    said, received = asyncio.run(call(PATH))
    assert (said[:2], received) == ((grpc.StatusCode.RESOURCE_EXHAUSTED, "no room."), False)
    assert asyncio.run(call("/other")) == (None, True)
