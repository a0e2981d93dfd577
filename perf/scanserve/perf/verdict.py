"""The verdict: the limits of a profile against the measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanserve.perf.analyzer import Measurement

__all__ = ["LimitCheck", "LoadVerdict", "judge"]


@dataclass(frozen=True)
class LimitCheck:
    """A limit: ``measured`` must be at most (``at_most``) or at least ``limit``."""

    load: str
    quantity: str
    measured: float
    limit: float
    at_most: bool

    @property
    def passed(self) -> bool:
        """Whether the limit is met; NaN never meets it."""
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        word = "kept" if self.passed else "BROKEN"
        return f"{self.load}: {self.quantity} {self.measured:.4g} {sign} {self.limit:g}: {word}"


@dataclass(frozen=True)
class LoadVerdict:
    """All checks of a run."""

    checks: tuple[LimitCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether there is at least one check and all limits are met."""
        return bool(self.checks) and all(check.passed for check in self.checks)


def judge(measurements: Sequence[Measurement]) -> LoadVerdict:
    """Compare every measurement with the limits of its load."""
    return LoadVerdict(tuple(check for measurement in measurements for check in _checks(measurement)))


def _checks(measurement: Measurement) -> tuple[LimitCheck, LimitCheck]:
    load, limits = measurement.load, measurement.load.limits
    p95 = measurement.lightest.latency_ms[95]
    return (
        LimitCheck(load.name, "p95 latency at the lightest load, ms", p95, limits.p95_ms, True),
        LimitCheck(
            load.name,
            "best throughput, inferences/s",
            measurement.best.inferences_per_s,
            limits.inferences_per_s,
            False,
        ),
    )
