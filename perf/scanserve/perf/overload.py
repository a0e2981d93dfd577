"""A server that is asked for ten times what it can do: what it accepts stays quick, what it refuses is refused at once.

    unloaded    one caller asks again and again: how long an answer takes
    full        a few callers ask again and again, refusals not counted: how many answers a second there are
    overload    requests come at random (Poisson) at ``times`` that rate, whether answers come or not

The answers of the overload are compared with the unloaded ones.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from scanserve.contracts import ScanserveError, ServerError

__all__ = ["Answer", "Overload", "closed", "measure_overload", "opened"]

#: Asks once; returns after the answer, and raises ``server-exhausted`` where it was refused.
Ask = Callable[[], object]
_REFUSED = "server-exhausted"
_SEED = 13
#: Requests that may be open at once; beyond, the load is less than intended, and the report says so.
_OPEN = 256
_CALLERS = 3
#: An accepted answer may take so many times its unloaded p99, and a refusal so long.
SLOWER, REFUSED_MS = 2.0, 50.0


@dataclass(frozen=True)
class Answer:
    """One request: how long it took, and whether it was answered, ``refused`` or failed with another code."""

    seconds: float
    outcome: str

    @property
    def accepted(self) -> bool:
        """Whether it was answered."""
        return self.outcome == "answered"


@dataclass(frozen=True)
class Overload:
    """What a model did; rates per second, times in milliseconds."""

    model: str
    unloaded_p99_ms: float
    full_per_s: float
    wanted_per_s: float
    offered_per_s: float
    accepted_per_s: float
    accepted: int
    accepted_p99_ms: float
    refused: int
    refused_p99_ms: float
    failed: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether accepted work is at most twice as slow, refusals are quick, and nothing fails otherwise."""
        quick = self.accepted_p99_ms <= SLOWER * self.unloaded_p99_ms
        return quick and self.refused_p99_ms <= REFUSED_MS and not self.failed and self.accepted > 0

    def __str__(self) -> str:
        failed = f"; FAILED: {', '.join(sorted(set(self.failed)))}" if self.failed else ""
        return (
            f"{self.model}: alone p99 {self.unloaded_p99_ms:.0f} ms, at most {self.full_per_s:.2f}/s; offered "
            f"{self.offered_per_s:.1f}/s (wanted {self.wanted_per_s:.1f}/s): {self.accepted} accepted "
            f"({self.accepted_per_s:.2f}/s), p99 {self.accepted_p99_ms:.0f} ms, "
            f"{self.accepted_p99_ms / self.unloaded_p99_ms:.2f} times; {self.refused} refused, "
            f"p99 {self.refused_p99_ms:.1f} ms{failed}: {'kept' if self.kept else 'BROKEN'}"
        )


def measure_overload(model: str, ask: Ask, *, seconds: float, times: float = 10.0) -> Overload:
    """Ask for ``times`` the full rate of ``model`` for ``seconds``, after a third of that alone and a third in full."""
    alone = closed(ask, 1, seconds / 3)
    full = closed(ask, _CALLERS, seconds / 3)
    full_per_s = sum(answer.accepted for answer in full) / (seconds / 3)
    start = time.monotonic()
    answers = opened(ask, times * full_per_s, seconds)
    took_s = time.monotonic() - start
    accepted = [answer.seconds for answer in answers if answer.accepted]
    refused = [answer.seconds for answer in answers if answer.outcome == "refused"]
    return Overload(
        model=model,
        unloaded_p99_ms=_p99_ms([answer.seconds for answer in alone if answer.accepted]),
        full_per_s=full_per_s,
        wanted_per_s=times * full_per_s,
        offered_per_s=len(answers) / took_s,
        accepted_per_s=len(accepted) / took_s,
        accepted=len(accepted),
        accepted_p99_ms=_p99_ms(accepted),
        refused=len(refused),
        refused_p99_ms=_p99_ms(refused),
        failed=tuple(answer.outcome for answer in answers if answer.outcome not in ("answered", "refused")),
    )


def closed(ask: Ask, callers: int, seconds: float) -> list[Answer]:
    """The answers to ``callers`` who ask again and again for ``seconds``; who is refused waits a little."""
    end = time.monotonic() + seconds
    answers: list[Answer] = []

    def call() -> None:
        while time.monotonic() < end:
            answer = _asked(ask)
            answers.append(answer)
            if not answer.accepted:
                time.sleep(0.02)

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def opened(ask: Ask, per_s: float, seconds: float, seed: int = _SEED) -> list[Answer]:
    """The answers to requests that come at random, ``per_s`` on average, for ``seconds``."""
    gaps = np.random.default_rng(seed)
    room = threading.Semaphore(_OPEN)

    def call() -> Answer:
        try:
            return _asked(ask)
        finally:
            room.release()

    with ThreadPoolExecutor(_OPEN) as pool:
        due = start = time.monotonic()
        calls = []
        while (due := due + gaps.exponential(1 / per_s)) < start + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            room.acquire()
            calls.append(pool.submit(call))
        return [call.result() for call in calls]


def _asked(ask: Ask) -> Answer:
    start = time.monotonic()
    try:
        ask()
        outcome = "answered"
    except ServerError as error:
        outcome = "refused" if error.code == _REFUSED else error.code
    except ScanserveError as error:
        outcome = error.code
    return Answer(time.monotonic() - start, outcome)


def _p99_ms(seconds: Sequence[float]) -> float:
    return 1e3 * float(np.percentile(seconds, 99)) if len(seconds) else 0.0
