import threading
import time
import weakref

import pytest

from scanserve.client.runs.pipeline import Slots, background


def test_everything_arrives_in_order():
    with background(iter(range(20))) as first, background(x * x for x in first) as second:
        assert list(second) == [x * x for x in range(20)]


def test_an_error_is_raised_where_it_is_consumed():
    def broken():
        yield 1
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"), background(broken()) as items:
        list(items)


def test_an_error_passes_through_a_chain():
    def broken():
        yield 1
        raise KeyError("gone")

    with pytest.raises(KeyError), background(broken()) as first, background(x for x in first) as second:
        list(second)


def test_leaving_early_stops_the_thread_and_closes_the_source():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    before = threading.active_count()
    with background(endless()) as items:
        next(items)
    assert closed.wait(2)
    assert threading.active_count() == before


def test_stages_run_at_the_same_time():
    together = threading.Barrier(2, timeout=5)

    def source():
        yield 1
        together.wait()
        yield 2

    with background(source()) as items:
        next(items)
        together.wait()
        assert next(items) == 2


def test_slots_bound_and_closing_wakes():
    slots = Slots(1)
    assert slots.take()
    threading.Timer(0.05, slots.close).start()
    begin = time.monotonic()
    assert not slots.take()
    assert time.monotonic() - begin < 2


class Thing:
    pass


def things(count):
    for _ in range(count):
        thing = Thing()
        yield thing
        del thing


def test_nobody_keeps_what_was_handed_over():
    with background(things(3)) as handed:
        for thing in handed:
            known = weakref.ref(thing)
            del thing
            end = time.monotonic() + 5.0
            while known() is not None and time.monotonic() < end:
                time.sleep(0.01)  # its maker lets go of it in its own thread
            assert known() is None
