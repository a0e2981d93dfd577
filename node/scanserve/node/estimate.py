"""How far a job is and how long it will wait, estimated from how long the latest analyses took."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scanserve.node.queue import states
from scanserve.node.queue.view import Row

__all__ = ["Estimate", "estimates"]

#: An analysis that runs is never shown as done.
MOST_PROGRESS = 0.95


@dataclass(frozen=True)
class Estimate:
    """What is estimated of a job; None where nothing is known, as of the first study.

    Attributes:
        position: 1 for the next that waits.
        wait_s: seconds until it starts.
        progress: 0 to 1, of one that runs.
    """

    position: int | None = None
    wait_s: float | None = None
    progress: float | None = None


def estimates(
    rows: Sequence[Row], latest: Callable[[str], Sequence[float]], workers: int, now_s: float
) -> dict[int, Estimate]:
    """The estimate of every job that waits or runs.

    Args:
        rows: of the queue.
        latest: how long the latest analyses of an application took, seconds.
        workers: how many run at a time.
        now_s: the node's seconds.
    """
    usual = {name: _median(latest(name)) for name in {row.application for row in rows}}
    running = [row for row in rows if row.state == states.RUNNING]
    waiting = sorted((row for row in rows if row.state == states.WAITING), key=lambda row: row.turn)
    found = {row.job: Estimate(progress=_progress(row, usual, now_s)) for row in running}
    free_at: list[float | None] = [_left_s(row, usual, now_s) for row in running]
    free_at += [0.0] * max(workers - len(free_at), 0)
    for position, row in enumerate(waiting, start=1):
        place = min(range(len(free_at)), key=lambda index: _or_endless(free_at[index]))
        start_s, takes_s = free_at[place], usual[row.application]
        found[row.job] = Estimate(position, start_s)
        free_at[place] = None if start_s is None or takes_s is None else start_s + takes_s
    return found


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _ran_s(row: Row, now_s: float) -> float:
    return max(now_s - (row.started_s if row.started_s is not None else now_s), 0.0)


def _progress(row: Row, usual: dict[str, float | None], now_s: float) -> float | None:
    whole = usual[row.application]
    return min(_ran_s(row, now_s) / whole, MOST_PROGRESS) if whole else None


def _left_s(row: Row, usual: dict[str, float | None], now_s: float) -> float | None:
    whole = usual[row.application]
    return None if whole is None else max(whole - _ran_s(row, now_s), 0.0)


def _or_endless(seconds: float | None) -> float:
    return float("inf") if seconds is None else seconds
