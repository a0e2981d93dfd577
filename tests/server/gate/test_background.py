from __future__ import annotations

import asyncio

import pytest

from scanserve.server.gate.background import Background


async def _work(done, fails=False):
    await asyncio.sleep(0.01)
    done.append(True)
    if fails:
        raise ValueError("no")
    return "result"


def test_work_goes_on_when_its_caller_goes():
    async def test():
        background, done = Background(), []
        caller = asyncio.create_task(background.finish(_work(done)))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert done == []
        await background.drain(10)
        assert done == [True]

    asyncio.run(test())


def test_results_and_errors_reach_the_caller():
    async def test():
        background, done = Background(), []
        assert await background.finish(_work(done)) == "result"
        with pytest.raises(ValueError, match="no"):
            await background.finish(_work(done, fails=True))

    asyncio.run(test())


def test_errors_that_nobody_waits_for_are_forgotten():
    async def test():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        background = Background()
        background.start(_work([], fails=True))
        await background.drain(10)
        await background.drain(10)
        await asyncio.sleep(0)
        assert complaints == []

    asyncio.run(test())
