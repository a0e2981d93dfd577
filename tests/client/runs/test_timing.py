import threading
import time

import pytest

from scanserve.client.runs.timing import Span, Stopwatch


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        self.now += 1.0
        return self.now


def test_spans_are_relative_to_the_start():
    watch = Stopwatch(Clock())
    with watch.span("read", "70 %"):
        pass
    assert watch.spans() == (Span("read", "70 %", 1.0, 1.0),)


def test_a_span_that_raises_is_recorded():
    watch = Stopwatch(Clock())
    with pytest.raises(ValueError, match="x"), watch.span("read"):
        raise ValueError("x")
    assert [span.stage for span in watch.spans()] == ["read"]


def test_spans_come_by_start():
    watch = Stopwatch(Clock())
    with watch.span("outer"), watch.span("inner"):
        pass
    assert [span.stage for span in watch.spans()] == ["outer", "inner"]


def test_threads_share_one_stopwatch():
    watch = Stopwatch()

    def work():
        for _ in range(100):
            with watch.span("s"):
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(watch.spans()) == 400


def test_what_is_waited_at_its_start_is_no_part_of_a_span():
    moments = iter([0.0, 1.0, 1.0, 5.0, 7.0])
    stopwatch = Stopwatch(lambda: next(moments))
    with stopwatch.span("serve"), stopwatch.waiting():
        pass
    assert stopwatch.spans() == (Span("serve", "", 5.0, 2.0),)


def test_another_thread_waits_for_itself():
    stopwatch = Stopwatch()

    def wait():
        with stopwatch.waiting():
            time.sleep(0.1)

    with stopwatch.span("work"):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert stopwatch.spans()[0].duration_s >= 0.1
