"""Where the time of one run goes: its spans, the processors it keeps busy, and the critical path.

The critical path is found backwards: from the span that ended last to the one that ended last before it began, and so
on to the start.  What it names is what must become shorter for the run to become shorter; the rest is hidden behind it.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from scanserve.contracts import ResultError
from scanserve.perf.memory import is_server, tree

__all__ = ["Busy", "Step", "by_stage", "critical_path", "draw", "spans_of", "watch"]

_INTERVAL_S = 0.25
#: A span that ended so shortly after the next began is still taken for its predecessor.
_OVERLAP_S = 0.05


@dataclass(frozen=True)
class Busy:
    """How many processors server and client kept busy until ``end_s`` after the start."""

    end_s: float
    server: float
    client: float


@dataclass(frozen=True)
class Step:
    """A span of the critical path, or the ``waiting`` between two."""

    stage: str
    part: str
    start_s: float
    end_s: float


def watch(command: Sequence[str]) -> tuple[tuple[Busy, ...], float]:
    """Run ``command``; how busy its processes were, and its seconds.

    Raises:
        ResultError: code ``bench-failed``.
    """
    start = before = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    root, known, busy = psutil.Process(process.pid), dict[int, tuple[bool, float]](), []
    while True:
        try:
            _, error = process.communicate(timeout=_INTERVAL_S)
            break
        except subprocess.TimeoutExpired:
            now = time.perf_counter()
            server, client = _spent(root, known)
            busy.append(Busy(now - start, server / (now - before), client / (now - before)))
            before = now
    if process.returncode:
        last = (error.strip().splitlines() or ["no output"])[-1]
        raise ResultError("bench-failed", f"the run ended with status {process.returncode}: {last}")
    return tuple(busy), time.perf_counter() - start


def critical_path(spans: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The spans that decide how long a run takes, from its start to its end; ``spans`` as ``result.json`` has them."""
    steps = [
        Step(span["stage"], span["part"], span["start_s"], span["start_s"] + span["duration_s"])
        for span in spans
    ]
    steps.sort(key=lambda step: step.end_s)
    path: list[Step] = []
    while steps:
        step = steps.pop()
        if path and step.end_s > path[-1].start_s + _OVERLAP_S:
            continue
        if path and path[-1].start_s - step.end_s > _OVERLAP_S:
            path.append(Step("waiting", "", step.end_s, path[-1].start_s))
        path.append(step)
    return tuple(reversed(path))


def by_stage(path: Sequence[Step]) -> dict[str, float]:
    """Seconds of a path by stage, the longest first."""
    found: dict[str, float] = {}
    for step in path:
        found[step.stage] = found.get(step.stage, 0.0) + step.end_s - step.start_s
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def draw(spans: Sequence[Mapping[str, Any]], busy: Sequence[Busy], out: Path) -> Path:
    """Draw spans (those of the critical path dark) above the processors in use, into the PNG ``out``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    path = {(step.stage, step.part, step.start_s) for step in critical_path(spans)}
    stages = list(dict.fromkeys(span["stage"] for span in sorted(spans, key=lambda span: span["start_s"])))
    figure = Figure(figsize=(9, 5), layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    for span in spans:
        critical = (span["stage"], span["part"], span["start_s"]) in path
        row = stages.index(span["stage"])
        upper.barh(
            row, span["duration_s"], left=span["start_s"], color="tab:blue" if critical else "lightsteelblue"
        )
    upper.set_yticks(range(len(stages)), stages)
    upper.invert_yaxis()
    upper.set_title("dark: critical path", fontsize=9)
    ends = [item.end_s for item in busy]
    lower.stackplot(
        ends, [item.server for item in busy], [item.client for item in busy], labels=("server", "client")
    )
    lower.set(xlabel="seconds", ylabel="processors")
    lower.legend(fontsize=8, loc="upper right")
    figure.savefig(out, dpi=110)
    return out


def spans_of(result: Path) -> list[dict[str, Any]]:
    """The spans in the ``result.json`` of the folder ``result``."""
    return json.loads((result / "result.json").read_text(encoding="utf-8"))["timing"]["spans"]


def _spent(root: psutil.Process, known: dict[int, tuple[bool, float]]) -> tuple[float, float]:
    """Processor seconds of server and client since the last call; ``known`` remembers those until then."""
    spent = [0.0, 0.0]
    for process in tree(root):
        try:
            times = process.cpu_times()
            server, before = known.get(process.pid) or (is_server(process), 0.0)
        except psutil.Error:
            continue
        total = times.user + times.system
        spent[0 if server else 1] += total - before
        known[process.pid] = (is_server(process), total)
    return spent[0], spent[1]
