"""``scanserve perf overload`` and ``scanserve perf soak``: both on an embedded server, and what they write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from scanserve.client.transport import Client
from scanserve.contracts import InputError, ModelSpec, ResultError, find_application
from scanserve.perf.halves import halved
from scanserve.perf.input_data import make_inputs
from scanserve.perf.overload import Overload, measure_overload
from scanserve.perf.results import machine
from scanserve.perf.soak import Growth, Holding, hold, judge_growth, soak

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["run_overload", "run_soak"]

#: Sizes of dynamic axes: of one request under overload, and of the requests of a soak in turn.
SMALL = {"z": 32, "y": 48, "x": 48}
MIXED = ({"z": 24, "y": 40, "x": 40}, SMALL, {"z": 48, "y": 64, "x": 96}, {"z": 64, "y": 128, "x": 128})
#: Batches of a batched model in a soak, those beyond its own limit left out; it is asked in full ones under overload.
BATCHES = (1, 2, 1, 4, 1, 2, 8, 1, 16)
_OTHER = 24
_SHM = Path("/dev/shm")


def run_overload(application: str, out: Path, *, seconds: float, times: float) -> Iterator[str]:
    """Overload every model of ``application`` that clients ask for, one after another; a line each.

    The server has half of the processors, and the callers the other half.

    Raises:
        ResultError: code ``perf-limit-broken`` after all have been measured.
    """
    before, done = machine(), []
    with halved() as halves, _serving(application) as (_, models, client):
        halves.become_callers()
        for spec in models:
            ask = partial(client.infer, spec, _inputs(spec, SMALL, max(1, spec.max_batch_size)))
            ask()
            done.append(measure_overload(spec.name, ask, seconds=seconds, times=times))
            yield str(done[-1])
    rows = [{**asdict(item), "kept": item.kept} for item in done]
    _write(out / "overload.json", before, rows, processors=asdict(halves))
    _check(done, "accepted work under overload is too slow, or refusals are")


def run_soak(application: str, out: Path, *, requests: int) -> Iterator[str]:
    """Ask every model of ``application`` in turn with mixed shapes; a line per thing that is held.

    Raises:
        ResultError: code ``perf-limit-broken`` when something grows.
    """
    before = machine()
    with _serving(application) as (server, models, client):
        asks: list[Callable[[], object]] = [
            partial(client.infer, spec, _inputs(spec, sizes, batch))
            for sizes in MIXED
            for spec in models
            for batch in (BATCHES if spec.batched else (1,))
        ]
        held = soak(asks, requests, partial(_look, server))
    grown = judge_growth(held)
    rows = [{**asdict(item), "kept": item.kept} for item in grown]
    _write(out / "soak.json", before, rows, held=[asdict(item) for item in held])
    yield f"{requests} requests to {', '.join(spec.name for spec in models)}, {len(MIXED)} shapes"
    yield from map(str, grown)
    _check(grown, "the server holds more and more")


@contextmanager
def _serving(application: str) -> Iterator[tuple[Embedded, Sequence[ModelSpec], Client]]:
    """An embedded server of ``application``, the models that clients ask for, and a client that never asks twice."""
    from scanserve.server import Embedded

    served = find_application(application).models
    members = {step.model for spec in served for step in spec.steps}
    asked = [spec for spec in served if spec.name not in members]
    if not asked:
        raise InputError("unknown-application", f"{application} has no model that clients ask for.")
    with Embedded(models=served) as server:
        mode: Literal["always"] = "always"
        key = server.shared_memory_key
        with Client(server.grpc_url, retries=0, shared_memory=mode, shared_memory_key=key) as client:
            yield server, asked, client


def _inputs(spec: ModelSpec, sizes: Mapping[str, int], batch: int) -> dict[str, npt.NDArray]:
    """Inputs of ``spec``; of a batched model the same item ``batch`` times, at most as often as it takes."""
    shapes = {
        tensor.name: [
            sizes.get(axis.name, _OTHER) if axis.size is None else axis.size for axis in tensor.axes
        ]
        for tensor in spec.inputs
    }
    made = make_inputs(spec, shapes)
    if not spec.batched:
        return made
    items = min(batch, spec.max_batch_size)
    return {name: np.repeat(array[None], items, axis=0) for name, array in made.items()}


def _look(server: Embedded, requests: int) -> Holding:
    regions = [file for file in _SHM.glob("scanserve_server_*") if file.is_file()]
    return hold((server.pid, server.gate_pid), regions, requests)


def _check(items: Sequence[Overload] | Sequence[Growth], reason: str) -> None:
    broken = [str(item) for item in items if not item.kept]
    if broken:
        raise ResultError("perf-limit-broken", f"{reason}: {'; '.join(broken)}")


def _write(path: Path, before: object, rows: object, **more: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": before, "rows": rows, **more}, indent=1) + "\n", encoding="utf-8")
