"""How many server instances a number of studies per hour needs.

Assumptions, which a plan states with its answer:

- Studies arrive independently of one another, at a constant rate (a Poisson process).
- One instance works on one study at a time; studies wait in one queue, first come first served.
- A study asks for ``inferences`` of each of its models, one after another; an instance gives them at the rate that
  ``scanserve perf run`` measured for its lightest load.  The client's own work is done elsewhere.
- The spread of a study's service time is what the spread of single requests leaves after adding up.

That is the queue M/G/c.  Its mean wait is the one of M/M/c (Erlang C) times ``(1 + v^2) / 2`` with v the coefficient of
variation of the service time (Lee and Longton 1959; exact for c = 1, Pollaczek and Khinchine), and the tail of the wait
is taken to be exponential.  ``simulation.py`` checks both by events.

Symbols: L arrivals per second; S mean service time of a study, s; c instances; a = L S offered load; r = a / c.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanserve.contracts import InputError

__all__ = ["Plan", "Service", "erlang_c", "plan", "read_service"]

#: A normal distribution's 95th percentile lies so many standard deviations above its median.
_Z95 = 1.645
#: No plan has more instances than this.
_MOST = 10_000
_HOUR_S = 3600.0


@dataclass(frozen=True)
class Service:
    """What one study takes of one instance: mean seconds, and the coefficient of variation of that."""

    seconds: float
    variation: float
    source: str = ""

    def __post_init__(self) -> None:
        if not self.seconds > 0 or self.variation < 0:
            raise InputError(
                "capacity-impossible", "a study must take some time, with a spread of at least 0."
            )


@dataclass(frozen=True)
class Plan:
    """Instances for a rate of studies, and how long these then wait and take.

    ``p95_s`` is the 95th percentile of waiting and service together.
    """

    per_hour: float
    service: Service
    instances: int

    @property
    def utilisation(self) -> float:
        """The share of the time that an instance works; r."""
        return self.per_hour / _HOUR_S * self.service.seconds / self.instances

    @property
    def waiting_share(self) -> float:
        """The probability that a study waits."""
        return erlang_c(self.instances, self.utilisation * self.instances)

    @property
    def mean_wait_s(self) -> float:
        """How long a study waits on average."""
        return self.waiting_share * self._wait_of_the_waiting_s

    @property
    def p95_s(self) -> float:
        """The 95th percentile of the time from arrival to the end of the service.

        Wait and service are added as if both took their 95th percentile's excess independently: root of squares.
        """
        wait = self._wait_percentile(0.05)
        spread = math.hypot(wait - self.mean_wait_s, _Z95 * self.service.variation * self.service.seconds)
        return self.service.seconds + self.mean_wait_s + spread

    @property
    def _wait_of_the_waiting_s(self) -> float:
        spare = self.instances / self.service.seconds - self.per_hour / _HOUR_S
        return (1 + self.service.variation**2) / 2 / spare

    def _wait_percentile(self, tail: float) -> float:
        share = self.waiting_share
        return self._wait_of_the_waiting_s * math.log(share / tail) if share > tail else 0.0


def erlang_c(servers: int, offered: float) -> float:
    """The probability that an arrival waits in M/M/c (Erlang 1917), for ``offered`` < ``servers``.

    Example:
        >>> erlang_c(1, 0.5)
        0.5
        >>> round(erlang_c(2, 1.0), 4)
        0.3333
    """
    if offered >= servers:
        return 1.0
    blocked = 1.0  # Erlang B by recursion
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def plan(per_hour: float, service: Service, *, within_s: float, busiest: float) -> Plan:
    """The fewest instances at which 95 % of studies are done ``within_s`` and none works more than ``busiest``.

    Raises:
        InputError: code ``capacity-impossible`` where no number of instances is enough.
    """
    if not per_hour > 0 or not 0 < busiest < 1:
        raise InputError(
            "capacity-impossible", "the rate must be above 0, and the utilisation between 0 and 1."
        )
    least = max(1, math.ceil(per_hour / _HOUR_S * service.seconds / busiest - 1e-9))
    alone = Plan(per_hour, service, least + _MOST)
    if alone.p95_s > within_s:
        raise InputError(
            "capacity-impossible",
            f"a study alone takes {service.seconds:.1f} s, so 95 % cannot be done within {within_s:g} s.",
        )
    return next(
        found
        for count in range(least, least + _MOST + 1)
        if (found := Plan(per_hour, service, count)).p95_s <= within_s
    )


def read_service(path: Path, inferences: Mapping[str, float]) -> Service:
    """What a study takes, by the ``result.json`` of a load profile and the ``inferences`` of each of its loads.

    Raises:
        InputError: code ``perf-result-unreadable``, also where the result lacks a load.
    """
    file = path / "result.json" if path.is_dir() else path
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        parts = [_part(content["loads"][name], count) for name, count in inferences.items()]
        where = f"{content['profile']['name']} on {content['machine']['processor']}"
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(
            "perf-result-unreadable", f"{file} is no result of a load profile with these loads: {error!r}."
        ) from error
    seconds = sum(mean for mean, _ in parts)
    variance = sum(spread**2 for _, spread in parts)
    return Service(seconds, math.sqrt(variance) / seconds, where)


def _part(points: list[dict[str, Any]], count: float) -> tuple[float, float]:
    """Mean and standard deviation, s, of the time that ``count`` requests take one after another."""
    lightest = min(points, key=lambda point: point["load"])
    rate, latency = lightest["inferences_per_s"], lightest["latency_ms"]
    relative = max(0.0, latency["95"] - latency["50"]) / _Z95 / latency["50"]
    return count / rate, math.sqrt(count) * relative / rate
