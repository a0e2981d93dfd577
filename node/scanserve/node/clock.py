"""The node's own clock: seconds that the node has run, so that nothing depends on the time of the day.

The clock of a machine is set back and forth.  This one counts by the monotonic clock while the node runs, is kept in
the queue, and goes on at the next start.  The time between two runs is taken from the clock of the machine as far as
it is plausible: never less than nothing, and at most :data:`MOST_BETWEEN_S`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["MOST_BETWEEN_S", "Moment", "NodeClock"]

#: What a stop of the node counts at most, so that a clock that was set forward makes nothing old.
MOST_BETWEEN_S = 86400.0


@dataclass(frozen=True)
class Moment:
    """What is kept: the node's seconds, and the machine's time at that moment."""

    seconds: float
    wall: float


class NodeClock:
    """Seconds that only grow.

    Example:
        >>> clock = NodeClock(Moment(100.0, 1_000.0), monotonic=lambda: 5.0, wall=lambda: 990.0)
        >>> clock()  # the machine's clock was set back
        100.0
    """

    def __init__(
        self,
        last: Moment | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic, self._wall = monotonic, wall
        between = 0.0 if last is None else min(max(wall() - last.wall, 0.0), MOST_BETWEEN_S)
        self._base = (0.0 if last is None else last.seconds) + between
        self._start = monotonic()

    def __call__(self) -> float:
        """The node's seconds."""
        return self._base + self._monotonic() - self._start

    def moment(self) -> Moment:
        """What to keep for the next start."""
        return Moment(self(), self._wall())
