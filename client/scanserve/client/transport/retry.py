"""When a call that failed is sent again: exponential backoff with full jitter, or when the server says, inside the
deadline.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from scanserve.contracts import InputError

__all__ = ["Retry"]

#: Those who were told the same time come back spread over this part of it.
_LATER = 0.25


@dataclass(frozen=True)
class Retry:
    """How often, and how long to wait in between.

    Before retry ``n`` (from 0) the wait is drawn evenly from 0 to ``min(cap_s, base_s * 2**n)`` ("full
    jitter": clients that failed together do not come back together).  With the defaults a client waits
    8 s on average and 15.5 s at most, in which the embedded server has usually restarted.

    A server that has refused a call and says when to come back is asked again after that time and up to a quarter
    more, as often as the deadline allows: such a refusal is no failure, so it is not counted.

    Raises:
        InputError: code ``retry-policy`` when a number is negative.
    """

    retries: int = 5
    base_s: float = 0.5
    cap_s: float = 8.0
    uniform: Callable[[float, float], float] = random.uniform

    def __post_init__(self) -> None:
        if self.retries < 0 or self.base_s < 0 or self.cap_s < 0:
            raise InputError(
                "retry-policy",
                f"retries, base_s and cap_s must not be negative but are "
                f"{self.retries}, {self.base_s} and {self.cap_s}.",
            )

    def delay(self, retry: int, remaining_s: float) -> float | None:
        """Seconds to wait before retry number ``retry`` (from 0), or None when the call is to be given up.

        It is given up when the retries are spent or when the wait would use up ``remaining_s``.
        """
        if retry >= self.retries:
            return None
        wait = self.uniform(0.0, min(self.cap_s, self.base_s * 2**retry))
        return wait if wait < remaining_s else None

    def delay_told(self, retry_after_s: float, remaining_s: float) -> float | None:
        """Seconds to wait where the server asks for ``retry_after_s``, or None when that would use up the time.

        A policy of no retries does not wait either.
        """
        wait = retry_after_s + self.uniform(0.0, _LATER * retry_after_s)
        return wait if self.retries and wait < remaining_s else None
