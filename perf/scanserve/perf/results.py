"""The output of a run: a CSV per load, ``result.json``, ``verdict.md`` and a plot."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from scanserve.contracts import ModelSpec, find_model
from scanserve.perf.analyzer import Measurement
from scanserve.perf.plot import plot_latency
from scanserve.perf.profiles import Profile
from scanserve.perf.table import SweepPoint
from scanserve.perf.verdict import LoadVerdict

__all__ = ["machine", "model_facts", "write_results"]


def write_results(
    out: Path,
    profile: Profile,
    measurements: Sequence[Measurement],
    verdict: LoadVerdict,
    facts: dict[str, object],
) -> Path:
    """Write ``result.json``, ``verdict.md`` and ``latency.png`` into ``out``; return the path of the JSON.

    ``facts`` describes the machine, the tool and the models.
    """
    result = {
        "profile": profile.model_dump(mode="json", exclude={"loads"}),
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **facts,
        "loads": {item.load.name: [asdict(point) for point in item.points] for item in measurements},
        "checks": [{**asdict(check), "passed": check.passed} for check in verdict.checks],
        "passed": verdict.passed,
    }
    path = out / "result.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    (out / "verdict.md").write_text(_verdict_text(profile, measurements, verdict, result), encoding="utf-8")
    plot_latency(measurements, f"{profile.name}: {profile.machine}", out / "latency.png")
    return path


def machine() -> dict[str, object]:
    """This machine: processor, usable cores, memory and load, without the host name."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def model_facts(repository: Path, names: Sequence[str]) -> dict[str, dict[str, object]]:
    """For each served ONNX, its sha256 and the parity measured at export: speed is published with accuracy."""
    return {spec.name: _facts(repository / spec.name) for spec in _members(names)}


def _members(names: Sequence[str]) -> Iterator[ModelSpec]:
    """The models in ``names``; an ensemble is replaced by its steps."""
    seen = dict.fromkeys(
        member for name in names for member in ([step.model for step in find_model(name).steps] or [name])
    )
    return map(find_model, seen)


def _facts(folder: Path) -> dict[str, object]:
    onnx, parity = folder / "1" / "model.onnx", folder / "parity.json"
    facts: dict[str, object] = {}
    if onnx.is_file():
        facts["sha256"] = hashlib.sha256(onnx.read_bytes()).hexdigest()
    if parity.is_file():
        facts["parity"] = json.loads(parity.read_text(encoding="utf-8"))
    return facts


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def _verdict_text(
    profile: Profile, measurements: Sequence[Measurement], verdict: LoadVerdict, result: dict[str, object]
) -> str:
    word = "every limit is kept" if verdict.passed else "limits are BROKEN"
    lines = [
        f"# Profile {profile.name}: {word}",
        "",
        f"Measured {result['measured_at']} by `scanserve perf run {profile.name}` on {profile.machine} "
        f"({_machine_text(result)}). Limits: {profile.limits_come_from}.",
        "",
        "| load | level | inferences/s | p50 ms | p95 ms | p99 ms |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_row_text(item.load.name, point) for item in measurements for point in item.points),
        "",
        *(f"- {check}" for check in verdict.checks),
    ]
    return "\n".join(lines) + "\n"


def _machine_text(result: dict[str, object]) -> str:
    facts = result.get("machine")
    return f"{facts['processor']}, {facts['cores']} cores" if isinstance(facts, dict) else "machine unknown"


def _row_text(name: str, point: SweepPoint) -> str:
    latency = " | ".join(f"{point.latency_ms[percent]:.0f}" for percent in (50, 95, 99))
    return f"| {name} | {point.load:g} | {point.inferences_per_s:.2f} | {latency} |"
