"""Running perf_analyzer with an argument list per load; its report counts, not its exit status."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanserve.contracts import ModelSpec, ResultError, find_model
from scanserve.perf.binary import Program
from scanserve.perf.input_data import make_inputs, write_inputs
from scanserve.perf.profiles import Load
from scanserve.perf.table import SweepPoint, read_table

__all__ = ["Endpoint", "Measurement", "arguments", "measure"]

Run = Callable[..., "subprocess.CompletedProcess[str]"]
#: Time limit of a load with all its trials; beyond it perf_analyzer is considered hung.
_TIMEOUT_S = 1800.0
#: Bytes of shared memory for an output whose size the contract leaves open.
_OPEN_OUTPUT_BYTES = 1 << 28


@dataclass(frozen=True)
class Endpoint:
    """The addresses of a server; ``headers`` authorise its shared-memory protocol if that is restricted."""

    grpc: str
    http: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Measurement:
    """A load and the points that perf_analyzer measured, by increasing load."""

    load: Load
    points: tuple[SweepPoint, ...]

    @property
    def lightest(self) -> SweepPoint:
        """The point at the lightest load."""
        return self.points[0]

    @property
    def best(self) -> SweepPoint:
        """The point with the highest throughput."""
        return max(self.points, key=lambda point: point.inferences_per_s)


def arguments(load: Load, endpoint: Endpoint, inputs: Path, report: Path) -> list[str]:
    """The arguments of perf_analyzer for ``load``, with the folder of raw inputs and the CSV to write."""
    spec = find_model(load.model)
    return [
        *("-m", load.model, "-i", load.protocol, "-u", getattr(endpoint, load.protocol)),
        *("-b", str(load.batch_size), "--input-data", str(inputs), *_shapes(load)),
        *(f"--shared-memory={load.shared_memory}", *_shared_memory(load, spec, endpoint)),
        *_sweep(load),
        *("--measurement-mode", "time_windows", "--measurement-interval", str(round(load.window_s * 1000))),
        *("--max-trials", str(load.max_trials), "--stability-percentage", f"{load.stability_percent:g}"),
        *("--percentile", "95", "-f", str(report)),
    ]


def measure(
    program: Program, load: Load, endpoint: Endpoint, out: Path, run: Run = subprocess.run
) -> Measurement:
    """Apply ``load`` to the server and write ``<load>.csv`` into ``out``.

    Raises:
        ResultError: code ``perf-no-result``, with the last line of perf_analyzer's output and the temporary file that
            holds the whole output.
    """
    inputs = make_inputs(find_model(load.model), load.shapes, load.values)
    folder = write_inputs(out / "inputs" / load.name, inputs)
    report = out / f"{load.name}.csv"
    report.unlink(missing_ok=True)
    command = [str(program.path), *arguments(load, endpoint, folder, report)]
    result = run(
        command, env=program.environment(), capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
    )
    try:
        return Measurement(load, read_table(report))
    except ResultError as error:
        output = _without_secrets(result.stdout + result.stderr, endpoint)
        diagnosis = _diagnosis(load.name, result.returncode, output)
        raise ResultError(error.code, f"load {load.name!r}: {error.message} {diagnosis}") from error


def _shapes(load: Load) -> list[str]:
    return [part for name, shape in load.shapes.items() for part in ("--shape", f"{name}:{_comma(shape)}")]


def _comma(shape: Sequence[int]) -> str:
    return ",".join(map(str, shape))


def _shared_memory(load: Load, spec: ModelSpec, endpoint: Endpoint) -> list[str]:
    if load.shared_memory == "none":
        return []
    prefix = "triton-grpc-protocol-" if load.protocol == "grpc" else ""
    headers = [part for name, value in endpoint.headers.items() for part in ("-H", f"{prefix}{name}:{value}")]
    return [f"--output-shared-memory-size={_largest_output(spec)}", *headers]


def _largest_output(spec: ModelSpec) -> int:
    sizes = (int(np.prod(tensor.shape)) * tensor.numpy_dtype.itemsize for tensor in spec.outputs)
    return max(size if size > 0 else _OPEN_OUTPUT_BYTES for size in sizes)


def _sweep(load: Load) -> list[str]:
    if load.request_rate is not None:
        return ["--request-rate-range", str(load.request_rate), "--request-distribution", "poisson"]
    return ["--async", "--concurrency-range", str(load.concurrency)]


def _without_secrets(text: str, endpoint: Endpoint) -> str:
    for value in endpoint.headers.values():
        text = text.replace(value, "***") if value else text
    return text


def _diagnosis(load: str, status: int, output: str) -> str:
    """A description of how perf_analyzer ended; its output is written to a temporary file."""
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"perf_analyzer-{load}-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(output)
    lines = output.strip().splitlines()
    return f"It ended with status {status}: {lines[-1] if lines else 'no output'} (full output: {file.name})"
