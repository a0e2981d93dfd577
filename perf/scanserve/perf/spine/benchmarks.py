"""Benchmarks of vertebra keypoints: one click through the server, beside the same graph in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from scanserve.contracts import ModelSpec
from scanserve.contracts.spine import NETWORKS, SPINE, TEST_SEED
from scanserve.perf.bench import Benchmark, BenchmarkRow, Context, in_turns
from scanserve.perf.inprocess import Engine, engine

if TYPE_CHECKING:
    from scanserve.client.runs.resilience import Infer
    from scanserve.client.spine.reader import FilmReader
    from scanserve.evaluation.spine.truth import Truth
    from scanserve.server import Embedded

__all__ = ["BENCHMARKS"]

_REPEAT, _TIMEOUT_S = 25, 300.0
_AIM = "1.2; 0.3 s"
_MODES: tuple[tuple[Literal["always", "never"], str], ...] = (("always", "shared memory"), ("never", "gRPC"))

Tensors = Mapping[str, npt.NDArray]


def click(context: Context) -> Sequence[BenchmarkRow]:
    """The request of one click on a phantom film, by both networks and both transports; the study is not used."""
    from scanserve.server import Embedded

    with Embedded(models=SPINE.models) as server:
        return [row for name in NETWORKS for row in _rows(SPINE.model(name), context.scratch, server)]


def _rows(network: ModelSpec, scratch: Path, server: Embedded) -> Iterator[BenchmarkRow]:
    from scanserve.client.transport import Client

    direct = engine(network, Path(server.model_repository))
    inputs, error = _first_click(network, scratch, direct, server)
    for mode, transport in _MODES:
        with Client(
            server.grpc_url, shared_memory=mode, shared_memory_key=server.shared_memory_key
        ) as client:
            served = partial(client.infer, network, inputs)
            turns = in_turns(served, partial(direct, inputs), repeat=_REPEAT)
            gap = np.abs(served()["points"] - direct(inputs)["points"]).max()
        agreement = f"{error:.1f} px off on one phantom film; points differ by {gap:.2g} network pixels"
        name = f"click, {network.name}, {transport}"
        against = "same graph in process"
        yield BenchmarkRow(name, turns.ours, turns.peer, "s", against, agreement, _AIM, turns.noise)


def _first_click(
    network: ModelSpec, scratch: Path, direct: Engine, server: Embedded
) -> tuple[Tensors, float]:
    """The request after a reader has fixed the worst corner, and the mean error of the corners that it finds, px."""
    from scanserve.client.runs.connection import connected_to
    from scanserve.client.spine.hints import Hint
    from scanserve.evaluation.spine.clicks import model_errors

    with connected_to(server, _TIMEOUT_S) as connection:
        reader, truth = _film(network, scratch, connection.infer)
        reading = reader.read()
        sent: list[Tensors] = []

        def infer(spec: ModelSpec, inputs: Tensors) -> dict[str, npt.NDArray]:
            if spec.name == network.name:
                sent.append(inputs)
            return connection.infer(spec, inputs)

        reader.infer = infer
        errors = np.where(truth.seen, np.linalg.norm(reading.points - truth.places, axis=1), -1.0)
        worst = int(errors.argmax())
        after = reader.settle(
            reading.box, [Hint(worst, tuple(truth.places[worst]), tuple(reading.points[worst]))]
        )
    found = np.stack([reading.points, after.points])
    return sent[-1], float(model_errors(found, truth.places, truth.seen, [worst])[1])


def _film(network: ModelSpec, scratch: Path, infer: Infer) -> tuple[FilmReader, Truth]:
    """The reader and the truth of the first test film, which is written once."""
    from scanserve.client.spine.reader import FilmReader
    from scanserve.client.spine.taken import take
    from scanserve.evaluation.spine.truth import read_truth
    from scanserve.phantoms.spine import write_study

    study = scratch / "spine"
    if not study.is_dir():
        write_study(study, TEST_SEED)
    taken = take(study)
    return FilmReader(taken.square, taken.film.shape, network, infer), read_truth(study / "truth.json")


BENCHMARKS: dict[str, Benchmark] = {"click": click}
