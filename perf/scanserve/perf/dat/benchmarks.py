"""Benchmark of DaTSCAN denoising: a hundred studies, served and by the engines themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import find_model
from scanserve.contracts.dat import DENOISE, MAX_BATCH, SLICES, TEST_SEED
from scanserve.perf.bench import Benchmark, BenchmarkRow, Context
from scanserve.perf.peers import Peer, beside

__all__ = ["BENCHMARKS"]

#: Studies, and phantoms that they are, each as often: a phantom takes a second.
STUDIES, PHANTOMS = 100, 10
_AIM = "1.05"
_REPEAT = 3
_WEIGHTS = Path(__file__).resolve().parents[4] / "weights"
#: Slices ``[slice, row, column]`` from 0 to 1, as :class:`~scanserve.client.dat.network.Network` takes and gives them.
Slices = npt.NDArray[np.float32]


def denoising(_: Context) -> Iterator[BenchmarkRow]:
    """Five slices of a hundred studies, in full batches and a study at a time, against engines in this process."""
    from scanserve.client.dat.network import Network
    from scanserve.client.transport import Client
    from scanserve.server import Embedded

    spec, slices = find_model(DENOISE), np.tile(phantom_slices(PHANTOMS), (STUDIES // PHANTOMS, 1, 1))
    with Embedded(models=[spec]) as server:
        file = Path(server.model_repository) / DENOISE / "1" / "model.onnx"
        key = server.shared_memory_key
        with Client(server.grpc_url, shared_memory="always", shared_memory_key=key) as client:
            served = Network(spec, client.infer)
            for title, size in (("in batches", MAX_BATCH), ("a study at a time", SLICES)):
                ours = partial(in_parts, served, slices, size)
                peers = _engines(file, slices, size)
                name = f"{STUDIES} studies of {SLICES} slices, {title}"
                yield from beside(name, ours, peers, _agreement, repeat=_REPEAT, aim=_AIM)


def phantom_slices(studies: int) -> Slices:
    """The slices that are taken of ``studies`` phantoms ``[slice, row, column]``, a study after the other."""
    from scanserve.phantoms.dat.scan import Scan
    from scanserve.preprocessing.dat import select_slices

    shorts = (np.asarray(Scan.sample(TEST_SEED + number).short, np.float32) for number in range(studies))
    return np.concatenate([select_slices(short).cut(short) for short in shorts])


def in_parts(restore: Callable[[Slices], Slices], slices: Slices, size: int) -> Slices:
    """``restore`` on ``size`` slices at a time."""
    parts = [restore(slices[at : at + size]) for at in range(0, len(slices), size)]
    return np.concatenate(parts)


def _agreement(ours: Slices, peer: Slices) -> str:
    return f"differs by at most {np.abs(ours - peer).max():.2g} of a slice's maximum"


def _engines(file: Path, slices: Slices, size: int) -> list[Peer]:
    def on(prepare: Callable[[], Callable[[Slices], Slices]]) -> Callable[[], Callable[[], Slices]]:
        return lambda: partial(in_parts, prepare(), slices, size)

    return [Peer("onnxruntime in process", on(partial(_onnxruntime, file))), Peer("torch eager", on(_torch))]


def _onnxruntime(file: Path) -> Callable[[Slices], Slices]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def restore(slices: Slices) -> Slices:
        return np.maximum(session.run(["restored"], {"slices": slices[:, None]})[0][:, 0], 0)

    return restore


def _torch() -> Callable[[Slices], Slices]:
    import torch

    from scanserve.networks.dat import ServedDenoise, build
    from scanserve.networks.weights import load_weights

    manifest, state = load_weights(_WEIGHTS / DENOISE)
    network = build(DENOISE, manifest.config)
    network.load_state_dict(state)
    module = ServedDenoise(network).eval()

    def restore(slices: Slices) -> Slices:
        with torch.inference_mode():
            return np.maximum(module(torch.from_numpy(slices[:, None])).numpy()[:, 0], 0)

    return restore


#: The benchmarks by the names for ``scanserve perf bench --only``.
BENCHMARKS: dict[str, Benchmark] = {"dat": denoising}
