"""Discrete-event simulation (SimPy) of what ``capacity.py`` computes, and of the loads that were measured.

``simulate_open`` lets studies arrive as a plan assumes; ``simulate_closed`` lets a number of clients ask one request
after another, as perf_analyzer does, so that its result stands beside what was measured.

In a closed run a request spends Z outside the instance (wire, client, gate), where requests overlap, and S inside it,
one after another.  ``fit_closed`` takes S from the best rate of a sweep (1 / S) and Z from the lightest point
(1 / (Z + S)); every other figure of the sweep is then a prediction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from scanserve.perf.capacity import Plan

__all__ = ["Closed", "Simulated", "fit_closed", "simulate_closed", "simulate_open"]

_SEED = 13
_Z95 = 1.645
_HOUR_S = 3600.0
#: The first share of a run is left out, since it begins with an empty queue.
_WARM_UP = 0.1


@dataclass(frozen=True)
class Simulated:
    """What a simulated run gave: times in seconds, from asking to the answer."""

    count: int
    per_s: float
    mean_wait_s: float
    p50_s: float
    p95_s: float


@dataclass(frozen=True)
class Closed:
    """One request's mean seconds outside and inside the instance, and the coefficient of variation of the inside."""

    outside_s: float
    inside_s: float
    variation: float


def simulate_open(plan: Plan, *, studies: int = 20_000, seed: int = _SEED) -> Simulated:
    """``studies`` studies through the instances of ``plan``."""
    generator = np.random.default_rng(seed)
    serve = _service(generator, plan.service.seconds, plan.service.variation)
    environment = simpy.Environment()
    instances = simpy.Resource(environment, plan.instances)
    log = _Log()

    def source() -> Generator[simpy.Event, Any, None]:
        for _ in range(studies):
            yield environment.timeout(generator.exponential(_HOUR_S / plan.per_hour))
            environment.process(_visit(environment, instances, serve, log))

    environment.process(source())
    environment.run()
    return log.result()


def simulate_closed(closed: Closed, clients: int, *, requests: int = 5_000, seed: int = _SEED) -> Simulated:
    """``clients`` clients that ask one request after another."""
    generator = np.random.default_rng(seed)
    serve = _service(generator, closed.inside_s, closed.variation)
    environment = simpy.Environment()
    instance = simpy.Resource(environment, 1)
    log = _Log()

    def client() -> Generator[simpy.Event, Any, None]:
        while len(log) < requests:
            yield environment.process(_visit(environment, instance, serve, log, closed.outside_s))

    for _ in range(clients):
        environment.process(client())
    environment.run()
    return log.result()


def fit_closed(points: Sequence[Mapping[str, Any]]) -> Closed:
    """Outside and inside of the requests of a measured sweep; ``points`` are a load's rows in ``result.json``."""
    lightest = min(points, key=lambda point: point["load"])
    alone = lightest["load"] / lightest["inferences_per_s"]
    inside = 1.0 / max(point["inferences_per_s"] for point in points)
    inside = min(inside, alone)
    spread = max(0.0, lightest["latency_ms"]["95"] - lightest["latency_ms"]["50"]) / 1e3 / _Z95
    return Closed(alone - inside, inside, spread / inside)


class _Log:
    """Ends, waits and whole times of visits, in the order of their ends."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float, float]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, end_s: float, wait_s: float, whole_s: float) -> None:
        self._rows.append((end_s, wait_s, whole_s))

    def result(self) -> Simulated:
        """The figures of all but the first visits."""
        first = math.ceil(_WARM_UP * len(self._rows))
        ends, waits, wholes = np.array(self._rows[first:]).T
        began = self._rows[first - 1][0] if first else 0.0
        p50, p95 = np.percentile(wholes, (50, 95))
        return Simulated(
            len(ends), len(ends) / (ends[-1] - began), float(waits.mean()), float(p50), float(p95)
        )


def _visit(
    environment: simpy.Environment,
    resource: simpy.Resource,
    serve: Callable[[], float],
    log: _Log,
    outside_s: float = 0.0,
) -> Generator[simpy.Event, Any, None]:
    asked = environment.now
    yield environment.timeout(outside_s)
    came = environment.now
    with resource.request() as turn:
        yield turn
        wait = environment.now - came
        yield environment.timeout(serve())
    log.add(environment.now, wait, environment.now - asked)


def _service(generator: np.random.Generator, mean_s: float, variation: float) -> Callable[[], float]:
    """Draws service times: a gamma distribution, or always the mean without variation."""
    if variation <= 0:
        return lambda: mean_s
    shape = variation**-2
    return lambda: float(generator.gamma(shape, mean_s / shape))
