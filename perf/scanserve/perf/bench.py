"""Benchmarks of our code and a peer, alternating in one process on one machine; `make bench`.

The applications define the benchmarks: ``scanserve.perf.<application>`` may have ``BENCHMARKS``, a mapping from name
to a function of a :class:`Context` that returns rows.  Every row states an accuracy beside its timings.
"""

from __future__ import annotations

import gc
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scanserve.contracts import InputError, StudyError, parts
from scanserve.perf.results import machine

__all__ = ["Benchmark", "BenchmarkRow", "Context", "Turns", "in_turns", "render_table", "run_benchmarks"]


@dataclass(frozen=True)
class BenchmarkRow:
    """One comparison.

    ``ours`` and ``peer`` are in ``unit``, less is better; ``peer`` is None if there is only an ``aim``.
    ``accuracy`` states the agreement of the two, or the accuracy of the result, with its data.
    ``noise`` is half the width of a 95 % interval of the ratio, relative; None where it was not repeated.
    """

    name: str
    ours: float
    peer: float | None
    unit: str
    against: str
    accuracy: str
    aim: str = ""
    noise: float | None = None

    @property
    def ratio(self) -> float | None:
        """Our value divided by the peer's; below 1 is better than the peer."""
        return None if not self.peer else self.ours / self.peer


@dataclass(frozen=True)
class Context:
    """The input of a benchmark: the study, and a folder that is deleted afterwards."""

    study: Path
    scratch: Path


@dataclass(frozen=True)
class Turns:
    """Seconds of ours and of the peer, turn by turn."""

    seconds: tuple[tuple[float, float], ...]

    @property
    def ours(self) -> float:
        """Our median."""
        return statistics.median(ours for ours, _ in self.seconds)

    @property
    def peer(self) -> float:
        """The peer's median."""
        return statistics.median(peer for _, peer in self.seconds)

    @property
    def noise(self) -> float | None:
        """Half the width of a 95 % interval of the median ratio, relative; None from a single turn.

        From the median absolute deviation, which a single disturbed turn does not move.
        """
        if len(self.seconds) < _LEAST_TURNS:
            return None
        ratios = [ours / peer for ours, peer in self.seconds]
        middle = statistics.median(ratios)
        deviation = _NORMAL_MAD * statistics.median(abs(ratio - middle) for ratio in ratios)
        return _INTERVAL * deviation / math.sqrt(len(ratios)) / middle


#: Fewer turns say nothing of their spread.
_LEAST_TURNS = 3
#: The standard deviation of a normal distribution in median absolute deviations, and of its median in those of its
#: mean times the 95 % quantile.
_NORMAL_MAD, _INTERVAL = 1.4826, 1.2533 * 1.96
_COLUMNS = 7
Benchmark = Callable[[Context], Iterable[BenchmarkRow]]


def run_benchmarks(study: Path, out: Path, only: Sequence[str] | None = None) -> Iterator[str]:
    """Run the benchmarks of all applications on ``study``; yield a line per row.

    When all are done, ``bench.json``, ``bench.md`` and ``bench.png`` are written into ``out``.

    Raises:
        InputError: code ``unknown-benchmark``.
        StudyError: code ``study-missing``.
    """
    chosen = _choose(_all_benchmarks(), only)
    if not study.is_dir():
        raise StudyError("study-missing", f"study must be a folder but {study.name!r} is not.")
    before, rows = machine(), []
    with tempfile.TemporaryDirectory(prefix="scanserve-bench-") as scratch:
        for benchmark in chosen.values():
            for row in benchmark(Context(study, Path(scratch))):
                rows.append(row)
                yield _line(row)
            gc.collect()
    _write(out, before, rows)


def in_turns(ours: Callable[[], Any], peer: Callable[[], Any], *, repeat: int = 5) -> Turns:
    """Measure both alternately after one untimed call each."""
    ours()
    peer()
    return Turns(tuple((_seconds(ours), _seconds(peer)) for _ in range(repeat)))


def render_table(rows: Sequence[BenchmarkRow]) -> str:
    """The rows as a Markdown table."""
    head = "| what | ours | peer | ratio | against | accuracy | aim |"
    return "\n".join([head, "| --- " * _COLUMNS + "|", *map(_cells, rows)]) + "\n"


def _all_benchmarks() -> dict[str, Benchmark]:
    found: dict[str, Benchmark] = {}
    for module in parts("perf").values():
        found |= getattr(module, "BENCHMARKS", {})
    return found


def _choose(known: Mapping[str, Benchmark], only: Sequence[str] | None) -> dict[str, Benchmark]:
    for name in only or ():
        if name not in known:
            raise InputError(
                "unknown-benchmark", f"there is no benchmark {name!r}; expected one of {', '.join(known)}."
            )
    return {name: benchmark for name, benchmark in known.items() if not only or name in only}


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _line(row: BenchmarkRow) -> str:
    peer = f", {row.against} {row.peer:.4g} {row.unit}, ratio {row.ratio:.2f}" if row.peer else ""
    return f"{row.name}: {row.ours:.4g} {row.unit}{peer}; {row.accuracy}"


def _cells(row: BenchmarkRow) -> str:
    peer = f"{row.peer:.4g} {row.unit}" if row.peer else ""
    ratio = f"{row.ratio:.2f}" if row.ratio else ""
    cells = (row.name, f"{row.ours:.4g} {row.unit}", peer, ratio, row.against, row.accuracy, row.aim)
    return "| " + " | ".join(cells) + " |"


def _write(out: Path, before: Mapping[str, object], rows: Sequence[BenchmarkRow]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    result = {"machine": before, "rows": [{**asdict(row), "ratio": row.ratio} for row in rows]}
    (out / "bench.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    note = (
        f"On {before['processor']}, {before['cores']} cores; load before the run {before['load_before']}.\n\n"
    )
    (out / "bench.md").write_text(note + render_table(rows), encoding="utf-8")
    _plot(rows, out / "bench.png")


def _plot(rows: Sequence[BenchmarkRow], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    compared = [row for row in rows if row.ratio]
    figure = Figure(figsize=(7, 1 + 0.45 * len(compared)), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    axis.barh([row.name for row in compared], [row.ratio or 0.0 for row in compared])
    axis.axvline(1, color="black", linewidth=0.8)
    axis.invert_yaxis()
    axis.set(xlabel="ours / peer (less is better)", xscale="log" if compared else "linear")
    figure.savefig(path, dpi=110)
