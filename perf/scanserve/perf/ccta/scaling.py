"""What grows in CCTA: slices of a phase, phases of a study, clients at a time, instances of a model."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scanserve.contracts import ModelSpec, ResultError
from scanserve.contracts.ccta import CCTA, CENTERLINE, CROSS_SIZE, QUALITY, STEPS
from scanserve.contracts.sharedmemory import SHM_KEY_VARIABLE
from scanserve.perf.memory import run_watched
from scanserve.perf.scaling import ScalePoint, Scaling
from scanserve.perf.soak import hold

if TYPE_CHECKING:
    from scanserve.client.transport import Client
    from scanserve.preprocessing import Volume
    from scanserve.server import Embedded

__all__ = ["SCALINGS"]

_SEED = 7
_TURNS = 3
#: Field of view of a phantom, along z and in a slice.
_DEPTH_MM, _FIELD_MM = 128.0, 204.8
_SLICES, _MATRIX = (32, 64, 128, 256), 256
_PHASES, _PHASE_TURNS = (1, 2, 4, 8), 2
_CLIENTS, _ASKS = (1, 2, 4, 8), 12
_INSTANCES, _CALLERS = (1, 2, 4), 4
_BATCH = 4
_LOOK_S = 0.05


def by_slices(scratch: Path) -> Iterator[ScalePoint]:
    """One phase of 256 x 256 pixels and more and more slices: reading it, and the served ensemble."""
    with _serving(CCTA.models) as (server, client):
        for slices in _SLICES:
            folder = _heart(scratch / str(slices), (slices, _MATRIX, _MATRIX), phases=1)
            volume = _read(folder)
            inputs: dict[str, npt.NDArray] = {
                "volume": volume.hu,
                "spacing": volume.grid.spacing.astype(np.float32),
                "origin": volume.grid.origin.astype(np.float32),
            }
            served = partial(client.infer, CENTERLINE, inputs)
            works: dict[str, Callable[[], object]] = {
                "reading, headers included": partial(_read, folder),
                "served ensemble": served,
            }
            for quantity, work in works.items():
                yield from _times("slices", quantity, slices, work)
            held = _most_held(server, served)
            yield ScalePoint("slices", "peak memory of the server", "MiB", slices, held)


def by_phases(scratch: Path) -> Iterator[ScalePoint]:
    """``scanserve ccta`` on studies of more and more phases, with a server that runs."""
    code = "import sys; from scanserve.client.cli import main; sys.exit(main())"
    with _serving(CCTA.models) as (server, _):
        environment = {**os.environ, SHM_KEY_VARIABLE: server.shared_memory_key}
        for turn in range(_PHASE_TURNS):
            for phases in _PHASES:
                study = scratch / f"{phases}"
                if not turn:
                    _heart(study, (128, 208, 208), phases=phases)
                out = ["--out", str(scratch / f"out-{phases}-{turn}"), "--server", server.grpc_url]
                usage = run_watched([sys.executable, "-c", code, "ccta", str(study), *out], environment)
                if usage.status:
                    raise ResultError(
                        "bench-failed", f"scanserve ccta: {usage.output.strip().splitlines()[-1]}"
                    )
                for quantity, unit, value in (
                    ("scanserve ccta", "s", usage.seconds),
                    ("processor time of the client", "s", usage.processor_s),
                    ("peak memory of the client", "MiB", usage.client_mib),
                ):
                    yield ScalePoint("phases", quantity, unit, phases, value)


def by_clients(_: Path) -> Iterator[ScalePoint]:
    """More and more clients that each ask for the quality of vessels as often; they may be refused, and ask again."""
    with _serving([QUALITY]) as (server, _client):
        for clients in _CLIENTS:
            work = partial(_asked_by, server, clients)
            yield from _times("clients", f"{_ASKS} questions of each client", clients, work)
            yield ScalePoint("clients", "peak memory of the server", "MiB", clients, _most_held(server, work))


def by_instances(scratch: Path) -> Iterator[ScalePoint]:
    """More and more instances of the quality model, and four clients."""
    from scanserve.server import Embedded

    with Embedded(models=[QUALITY]) as server:
        repository = Path(server.model_repository)
    for instances in _INSTANCES:
        copy = _with_instances(repository / QUALITY.name, scratch / str(instances), instances)
        with _serving([QUALITY], copy) as (server, _client):
            work = partial(_asked_by, server, _CALLERS)
            yield from _times(
                "instances", f"{_ASKS} questions of each of {_CALLERS} clients", instances, work
            )
            held = _most_held(server, work)
            yield ScalePoint("instances", "peak memory of the server", "MiB", instances, held)


#: What is measured along which axis, by the names for ``scanserve perf scaling --only``.
SCALINGS: dict[str, Scaling] = {
    "slices": by_slices,
    "phases": by_phases,
    "clients": by_clients,
    "instances": by_instances,
}


@contextmanager
def _serving(
    models: Sequence[ModelSpec], repository: Path | None = None
) -> Iterator[tuple[Embedded, Client]]:
    """An embedded server of ``models``, and a client of it."""
    from scanserve.server import Embedded

    with Embedded(repository, models=models) as server, _client(server) as client:
        yield server, client


def _client(server: Embedded) -> Client:
    from scanserve.client.transport import Client

    return Client(server.grpc_url, shared_memory="always", shared_memory_key=server.shared_memory_key)


def _heart(folder: Path, shape: tuple[int, int, int], phases: int) -> Path:
    """A phantom whose field of view is about the same whatever its ``shape``, and its folder."""
    from scanserve.geometry import Grid
    from scanserve.phantoms.ccta import write_study

    field_mm = np.array([_DEPTH_MM, _FIELD_MM, _FIELD_MM])
    spacing = tuple(float(length) for length in (field_mm / shape)[::-1])
    return write_study(folder, _SEED, phases, grid=Grid.centred(shape, spacing))


def _read(folder: Path) -> Volume:
    from scanserve.preprocessing import read_study

    return read_study(folder).phases[0].load()


def _times(axis: str, quantity: str, size: int, work: Callable[[], object]) -> Iterator[ScalePoint]:
    """Seconds of ``work``, several times after one that is not timed."""
    work()
    for _ in range(_TURNS):
        start = time.perf_counter()
        work()
        yield ScalePoint(axis, quantity, "s", size, time.perf_counter() - start)


def _most_held(server: Embedded, work: Callable[[], object]) -> float:
    """MiB that the server holds at most while ``work`` is done once more."""
    pids, most = (server.pid, server.gate_pid), 0.0
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        while not done.done():
            most = max(most, hold(pids, (), 0).memory_mib)
            time.sleep(_LOOK_S)
        done.result()
    return max(most, hold(pids, (), 0).memory_mib)


def _asked_by(server: Embedded, clients: int) -> None:
    """Have ``clients`` ask the quality model at the same time, each in turn as often."""
    vessels: dict[str, npt.NDArray] = {
        "straightened": np.zeros((_BATCH, STEPS, CROSS_SIZE, CROSS_SIZE), np.int16),
        "length": np.full((_BATCH, 1), 100, np.float32),
    }

    def ask(_: int) -> None:
        with _client(server) as client:
            for _ in range(_ASKS):
                client.infer(QUALITY, vessels)

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, range(clients)))


def _with_instances(model: Path, repository: Path, instances: int) -> Path:
    """A copy of one model in a repository of its own, with another number of instances."""
    copy = repository / model.name
    shutil.copytree(model, copy)
    for file in copy.rglob("*.pbtxt"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("count: 1\n", f"count: {instances}\n"), encoding="utf-8")
    return repository
