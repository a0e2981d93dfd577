"""Whose turn it is: of each model a bounded number of requests runs, a bounded number waits, the rest is refused.

Triton 2.51 has no bound that is safe with ensembles, and computes for callers who have gone.  Here a request that
waits costs nothing, and leaves its place when its caller goes or its deadline passes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

import grpc

from scanserve.server.gate.refusal import Refusal

__all__ = ["Line"]

#: What a run is taken to last before one was seen, seconds.
_FIRST_GUESS_S = 0.1
#: How much a new run counts in the mean.
_WEIGHT = 0.2
_SOONEST_S, _LATEST_S = 0.01, 10.0


class Line:
    """The requests of one model, in the order in which they came; used by one event loop.

    A request counts as many items as its batch has.  At most ``running`` items are under way in Triton, a
    single larger request excepted, and at most ``waiting`` wait for them.
    """

    def __init__(
        self, model: str, running: int, waiting: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.model = model
        self.running = 0
        self.waiting = 0
        self._most_running = running
        self._most_waiting = waiting
        self._clock = clock
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._mean_s = _FIRST_GUESS_S
        self._next_s = 0.0
        self._since = clock()

    @property
    def silent_s(self) -> float:
        """For how many seconds requests have been running without an answer to any; 0 while none runs."""
        return self._clock() - self._since if self.running else 0.0

    @property
    def idle_s(self) -> float:
        """For how many seconds nothing has been running; 0 while something is."""
        return 0.0 if self.running else self._clock() - self._since

    async def enter(self, items: int) -> None:
        """Return when the request may run; cancelling gives its place up.

        Raises:
            Refusal: ``RESOURCE_EXHAUSTED`` where too many wait, with the time to come back.
        """
        if not self._queue and self._has_room(items):
            self._run(items)
            return
        if self._is_full(items):
            raise self._full(items)
        turn = asyncio.get_running_loop().create_future()
        self._queue.append((items, turn))
        self.waiting += items
        try:
            await turn
        except asyncio.CancelledError:
            self._withdraw(items, turn)
            raise

    def check(self, items: int) -> None:
        """Refuse what :meth:`enter` would refuse now; raises as that does."""
        queued = bool(self._queue) or not self._has_room(items)
        if queued and self._is_full(items):
            raise self._full(items)

    def leave(self, items: int, took_s: float | None = None) -> None:
        """Give the place of a request that has run back; ``took_s`` teaches how long one takes."""
        if took_s is not None:
            self._mean_s += _WEIGHT * (took_s - self._mean_s)
        self.running -= items
        self._since = self._clock()
        self._admit()

    def _run(self, items: int) -> None:
        if not self.running:
            self._since = self._clock()
        self.running += items

    def _has_room(self, items: int) -> bool:
        return not self.running or self.running + items <= self._most_running

    def _is_full(self, items: int) -> bool:
        """Whether too many wait for such a request to wait as well; one that is larger than the line may wait alone."""
        return self.waiting + items > self._most_waiting and bool(self._queue or not self._most_waiting)

    def _admit(self) -> None:
        while self._queue and self._has_room(self._queue[0][0]):
            items, turn = self._queue.popleft()
            self.waiting -= items
            if not turn.cancelled():
                self._run(items)
                turn.set_result(None)

    def _withdraw(self, items: int, turn: asyncio.Future[None]) -> None:
        """Take back what a cancelled request had: its place, or its turn if that came in the same moment."""
        if not turn.cancelled():
            self.leave(items)
        elif (items, turn) in self._queue:
            self._queue.remove((items, turn))
            self.waiting -= items
            self._admit()

    def _full(self, items: int) -> Refusal:
        """The refusal; those who are refused are told times one after another, at the pace of the model."""
        now = self._clock()
        pace_s = self._mean_s * items / self._most_running
        self._next_s = min(max(self._next_s, now) + pace_s, now + _LATEST_S)
        after_s = max(_SOONEST_S, self._next_s - now)
        return Refusal(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"too many requests for {self.model}: {self.running} run and {self.waiting} wait; "
            f"come back in {after_s:.2f} s.",
            after_s,
        )
