"""Stages of a pipeline in their own threads, with errors passed on and a bound on what is alive.

``background(items)`` pulls ``items`` in a thread and hands them over one by one.  Chaining two of them
overlaps three stages.  :class:`Slots` bounds how many large things are alive in all stages together: a stage
that makes one takes a slot first, and the last stage gives it back.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

__all__ = ["Slots", "background"]

T = TypeVar("T")
#: How often a waiting thread looks whether the pipeline was closed.
_POLL_S = 0.05
#: How long a closed stage may take to end the piece of work it is in; then it is left to itself (a daemon).
_JOIN_S = 10.0


class Slots:
    """A bound on what is alive at once; closing it wakes every waiting stage."""

    def __init__(self, count: int) -> None:
        self._semaphore = threading.Semaphore(count)
        self._closed = threading.Event()

    def take(self) -> bool:
        """Wait for a slot; False when the pipeline was closed meanwhile."""
        while not self._closed.is_set():
            if self._semaphore.acquire(timeout=_POLL_S):
                return True
        return False

    def give(self) -> None:
        """Give a slot back."""
        self._semaphore.release()

    def close(self) -> None:
        """Let no stage wait any longer."""
        self._closed.set()


class _End:
    """What a producer sends last: the error that ended it, or None."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Producer(Generic[T]):
    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        end = _End()
        try:
            for item in self._items:
                if not self._put(item):
                    break
                del item
        except BaseException as error:
            end = _End(error)
        finally:
            close = getattr(self._items, "close", None)
            if close is not None:
                close()
        self._put(end)

    def _put(self, item: T | _End) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
                return True
            except queue.Full:
                continue
        return False

    def __iter__(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            handed = [item]
            del item
            yield handed.pop()  # nothing here keeps it while it is worked on

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=_JOIN_S)


@contextmanager
def background(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """Pull ``items`` in a thread; an error there is raised here, and leaving the block stops the thread."""
    producer = _Producer(items)
    try:
        yield iter(producer)
    finally:
        producer.close()
