from __future__ import annotations

import asyncio

import grpc
import pytest

from scanserve.server.gate.admission import Line
from scanserve.server.gate.refusal import Refusal


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def line(running=1, waiting=1, clock=None):
    return Line("model", running, waiting, clock or Clock())


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def entering(a_line, items=1):
    return asyncio.get_running_loop().create_task(a_line.enter(items))


def run(test):
    """Run an asynchronous test."""
    asyncio.run(asyncio.wait_for(test(), 20))


def test_turns_come_in_order():
    async def test():
        one = line(waiting=3)
        tasks = [entering(one) for _ in range(4)]
        done = []
        for _ in range(4):
            await settle()
            done.append([task.done() for task in tasks])
            one.leave(1)
        assert done == [[True] * count + [False] * (4 - count) for count in range(1, 5)]
        assert (one.running, one.waiting) == (0, 0)

    run(test)


def test_the_rest_is_refused_at_once():
    async def test():
        one = line()
        await one.enter(1)
        waiting = entering(one)
        await settle()
        with pytest.raises(Refusal) as caught:
            await one.enter(1)
        assert caught.value.status is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert caught.value.retry_after_s > 0
        assert (
            dict(caught.value.metadata)["retry-after-ms"]
            == dict(caught.value.metadata)["grpc-retry-pushback-ms"]
        )
        assert (one.running, one.waiting) == (1, 1)
        waiting.cancel()

    run(test)


def test_nobody_waits_where_nobody_may():
    async def test():
        one = line(waiting=0)
        await one.enter(1)
        with pytest.raises(Refusal):
            await one.enter(1)
        one.leave(1)
        await one.enter(1)

    run(test)


def test_items_count_and_a_single_larger_request_may_run_and_wait():
    async def test():
        one = line(running=4, waiting=4)
        await one.enter(3)
        await one.enter(1)
        big = entering(one, 9)
        await settle()
        assert not big.done()
        with pytest.raises(Refusal):
            await one.enter(1)  # nobody overtakes
        one.leave(3)
        await settle()
        assert not big.done()
        one.leave(1)
        await settle()
        assert big.done()
        assert one.running == 9

    run(test)


def test_a_caller_who_goes_frees_its_place():
    async def test():
        one = line(waiting=2)
        await one.enter(1)
        first, second = entering(one), entering(one)
        await settle()
        first.cancel()
        await settle()
        assert (one.running, one.waiting) == (1, 1)
        one.leave(1)
        await settle()
        assert second.done()

    run(test)


@pytest.mark.parametrize("first", ["turn", "cancel"])
def test_a_turn_and_a_farewell_in_the_same_moment_lose_no_place(first):
    async def test():
        one = line(waiting=2)
        await one.enter(1)
        leaver, other = entering(one), entering(one)
        await settle()
        steps = [lambda: one.leave(1), leaver.cancel]
        for step in steps if first == "turn" else reversed(steps):
            step()
        await settle()
        assert leaver.cancelled()
        assert other.done()
        assert (one.running, one.waiting) == (1, 0)

    run(test)


def test_those_who_are_refused_are_told_one_time_after_another():
    async def test():
        clock = Clock()
        one = line(waiting=0, clock=clock)
        await one.enter(1)
        one.leave(1, 2.1)  # the mean moves from 0.1 to 0.5
        await one.enter(1)
        told = []
        for _ in range(30):
            with pytest.raises(Refusal) as caught:
                await one.enter(1)
            told.append(caught.value.retry_after_s)
        assert told[:3] == pytest.approx([0.5, 1.0, 1.5])
        assert max(told) == 10.0
        clock.now += 60
        with pytest.raises(Refusal) as caught:
            await one.enter(1)
        assert caught.value.retry_after_s == pytest.approx(0.5)

    run(test)


def test_silence_is_the_time_without_an_answer_while_something_runs():
    async def test():
        clock = Clock()
        one = line(running=2, waiting=2, clock=clock)
        clock.now += 5
        assert (one.silent_s, one.idle_s) == (0, 5)
        await one.enter(1)
        clock.now += 3
        await one.enter(1)  # another request is no answer
        clock.now += 1
        assert (one.silent_s, one.idle_s) == (4, 0)
        one.leave(1, 4.0)
        clock.now += 2
        assert one.silent_s == 2
        one.leave(1)
        clock.now += 1
        assert (one.silent_s, one.idle_s) == (0, 1)

    run(test)


def test_a_long_queue_is_not_silent():
    async def test():
        clock = Clock()
        one = line(waiting=10, clock=clock)
        tasks = [entering(one) for _ in range(10)]
        for _ in range(10):
            await settle()
            clock.now += 3
            assert one.silent_s == 3
            one.leave(1, 3.0)
        assert all(task.done() for task in tasks)

    run(test)


@pytest.mark.parametrize(("running", "waiting"), [(1, 0), (1, 1), (1, 3), (4, 4), (16, 16)])
@pytest.mark.parametrize("items", [1, 2, 4, 16, 40])
def test_a_look_refuses_what_would_be_refused(running, waiting, items):
    """Whatever has come before, and without taking a place."""

    async def test():
        for before in range(12):
            one, asked = line(running, waiting), line(running, waiting)
            entered = [entering(each) for each in (one, asked) for _ in range(before)]
            await settle()
            places = asked.running, asked.waiting
            refused = None
            try:
                asked.check(items)
            except Refusal as refusal:
                refused = refusal
            assert (asked.running, asked.waiting) == places
            last = entering(one, items)
            await settle()
            told = last.exception() if last.done() else None
            assert (refused is None) is (told is None)
            if refused is not None:
                assert (refused.status, refused.details) == (told.status, told.details)
            for task in (*entered, last):
                task.cancel()
            await asyncio.gather(*entered, last, return_exceptions=True)

    run(test)
