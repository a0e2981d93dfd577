"""What ``scanserve perf capacity`` says: the plan, its assumptions, and the simulations beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from scanserve.contracts import InputError
from scanserve.perf.capacity import plan, read_service
from scanserve.perf.simulation import fit_closed, simulate_closed, simulate_open

__all__ = ["ASSUMPTIONS", "describe"]

ASSUMPTIONS = (
    "studies arrive independently (Poisson); one study at a time per instance, one queue, first come first served; "
    "the client's own work is done elsewhere"
)


def describe(
    results: Path, loads: Sequence[str], *, per_hour: float, within_s: float, busiest: float
) -> Iterator[str]:
    """The lines of a plan for ``per_hour`` studies.

    Args:
        results: of ``scanserve perf run``, a folder or ``result.json``.
        loads: ``LOAD=N`` each.
        per_hour: studies that arrive in an hour.
        within_s: 95 % of them are to be done within.
        busiest: the largest utilisation of an instance.

    Raises:
        InputError: codes ``capacity-load``, ``capacity-impossible``, ``perf-result-unreadable``.
    """
    inferences = dict(map(_parse, loads))
    service = read_service(results, inferences)
    found = plan(per_hour, service, within_s=within_s, busiest=busiest)
    yield f"measured: {service.source}: {service.seconds:.1f} s of an instance per study ({', '.join(loads)})"
    yield f"assumed: {ASSUMPTIONS}"
    yield (
        f"{per_hour:g} studies per hour need {found.instances} instance{'s' * (found.instances > 1)}: "
        f"{100 * found.utilisation:.0f} % busy, mean wait {found.mean_wait_s:.1f} s, "
        f"95 % done within {found.p95_s:.1f} s"
    )
    simulated = simulate_open(found)
    yield (
        f"simulated ({simulated.count} studies): mean wait {simulated.mean_wait_s:.1f} s, "
        f"95 % done within {simulated.p95_s:.1f} s"
    )
    yield from _measured_beside_simulated(results, inferences)


def _measured_beside_simulated(results: Path, loads: Sequence[str] | dict[str, float]) -> Iterator[str]:
    file = results / "result.json" if results.is_dir() else results
    content = json.loads(file.read_text(encoding="utf-8"))
    for name in loads:
        points = content["loads"][name]
        closed = fit_closed(points)
        for point in points:
            clients = max(1, round(point["load"]))
            run = simulate_closed(closed, clients)
            yield (
                f"simulated against measured, {name} at {clients}: {run.per_s:.2f} and "
                f"{point['inferences_per_s']:.2f} per second, p95 {1e3 * run.p95_s:.0f} and "
                f"{point['latency_ms']['95']:.0f} ms"
            )


def _parse(text: str) -> tuple[str, float]:
    name, _, count = text.partition("=")
    try:
        number = float(count)
    except ValueError:
        number = 0.0
    if not name or not 0 < number < float("inf"):
        raise InputError("capacity-load", f"--load must be LOAD=N with N above 0, but is {text!r}.")
    return name, number
