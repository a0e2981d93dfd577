"""The CSV of perf_analyzer as points of a sweep; microseconds are converted to milliseconds only here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import ResultError

__all__ = ["SweepPoint", "read_table"]

_PERCENTILES = (50, 90, 95, 99)
_SERVER_COLUMNS = ("Server Queue", "Server Compute Input", "Server Compute Infer", "Server Compute Output")


@dataclass(frozen=True)
class SweepPoint:
    """One point of a sweep.

    ``load`` is the concurrency or the request rate; ``latency_ms`` maps percentiles to client-side latencies;
    ``server_ms`` holds the mean queue and compute times of the server.
    """

    load: float
    inferences_per_s: float
    latency_ms: dict[int, float]
    server_ms: dict[str, float]


def read_table(path: Path) -> tuple[SweepPoint, ...]:
    """The points of a report, by increasing load.

    Raises:
        ResultError: code ``perf-no-result`` if the report, all its rows or a column is missing.  perf_analyzer exits
            with 0 in some of these cases, so only the report proves success.
    """
    if not path.is_file():
        raise ResultError("perf-no-result", f"perf_analyzer wrote no report {path.name}.")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    try:
        points = tuple(sorted(map(_point, lines), key=lambda point: point.load))
    except (KeyError, ValueError, TypeError) as error:
        raise ResultError(
            "perf-no-result", f"the report {path.name} has no column or number {error}."
        ) from error
    if not points:
        raise ResultError("perf-no-result", f"the report {path.name} has no measurement.")
    return points


def _point(line: dict[str, str]) -> SweepPoint:
    load = line.get("Concurrency") or line["Request Rate"]
    return SweepPoint(
        float(load),
        float(line["Inferences/Second"]),
        {percent: _milliseconds(line[f"p{percent} latency"]) for percent in _PERCENTILES},
        {name: _milliseconds(line[name]) for name in _SERVER_COLUMNS if line.get(name)},
    )


def _milliseconds(microseconds: str) -> float:
    return float(microseconds) / 1000
