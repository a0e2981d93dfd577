from __future__ import annotations

import asyncio

import grpc
import pytest

from scanserve.server.gate.door import Door
from scanserve.server.gate.refusal import Refusal


def run(test):
    """Run an asynchronous test."""
    asyncio.run(asyncio.wait_for(test(), 20))


def reading(content=b"message", after=None):
    async def read():
        if after is not None:
            await after.wait()
        return content

    return read


def test_calls_are_bounded_before_they_are_read():
    async def test():
        door = Door(100, most_open=1)
        assert door.is_empty
        with door.entered():
            assert not door.is_empty
            with pytest.raises(Refusal) as caught, door.entered():
                pass
            assert caught.value.status is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert caught.value.retry_after_s
        with door.entered():
            pass

    run(test)


def test_messages_are_received_a_few_at_a_time():
    async def test():
        door = Door(100, most_reading=1)
        slow, order = asyncio.Event(), []

        async def receive(name, after):
            async with door.received(reading(after=after)):
                order.append(name)

        tasks = [asyncio.create_task(receive("slow", slow)), asyncio.create_task(receive("quick", None))]
        await asyncio.sleep(0.01)
        assert order == []
        slow.set()
        await asyncio.gather(*tasks)
        assert order == ["slow", "quick"]

    run(test)


def test_a_message_that_does_not_come_is_given_up():
    async def test():
        door = Door(100, most_reading=1, read_s=0.01)
        for _ in range(2):
            with pytest.raises(Refusal) as caught:
                async with door.received(reading(after=asyncio.Event())):
                    pass
            assert caught.value.status is grpc.StatusCode.DEADLINE_EXCEEDED

    run(test)


def test_what_waits_has_room_for_so_many_bytes():
    async def test():
        door = Door(10)
        async with door.received(reading(b"x" * 30)):  # a single larger one is taken
            with pytest.raises(Refusal, match="bytes"):
                async with door.received(reading(b"x")):
                    pass
        async with door.received(reading(b"x" * 4)), door.received(reading(b"x" * 6)):
            pass

    run(test)


def test_who_waits_behind_a_door_that_closes_is_told_why():
    async def test():
        door, cancelled = Door(100), asyncio.Event()

        async def answering():
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.set()

        waiting = asyncio.ensure_future(door.while_open(answering()))
        await asyncio.sleep(0.01)
        door.close("the model hangs.")
        with pytest.raises(Refusal, match="the model hangs") as caught:
            await waiting
        assert caught.value.status is grpc.StatusCode.ABORTED
        assert caught.value.retry_after_s is None
        await asyncio.wait_for(cancelled.wait(), 5)
        with pytest.raises(Refusal, match="the model hangs"):
            await door.while_open(answering())

    run(test)


def test_behind_an_open_door_answers_and_errors_pass():
    async def test():
        async def failing():
            raise ValueError("what it says")

        door = Door(100)
        assert await door.while_open(reading()()) == b"message"
        with pytest.raises(ValueError, match="what it says"):
            await door.while_open(failing())

    run(test)


def test_who_goes_away_takes_the_work_along():
    async def test():
        door, cancelled = Door(100), asyncio.Event()

        async def answering():
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.set()

        waiting = asyncio.ensure_future(door.while_open(answering()))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait_for(cancelled.wait(), 5)

    run(test)
