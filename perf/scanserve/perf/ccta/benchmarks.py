"""Benchmarks of CCTA: the whole study, and each part beside the best public implementation."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from scanserve.contracts import ResultError, SetupError, find_model
from scanserve.contracts.ccta import (
    CCTA,
    CENTERLINE,
    CROP_SHAPE,
    CROP_SPACING_MM,
    CROSS_PIXEL_MM,
    CROSS_SIZE,
    STEP_MM,
    STEPS,
    VESSELS,
)
from scanserve.perf.bench import Benchmark, BenchmarkRow, Context, Turns, in_turns
from scanserve.perf.ccta.peers.engines import MODEL, engines
from scanserve.perf.ccta.peers.readers import SYNTAXES, compress, readers, same_slices
from scanserve.perf.ccta.peers.sections import interpolators
from scanserve.perf.ccta.peers.skeletons import skeletonizers
from scanserve.perf.gate import gate_rows
from scanserve.perf.inprocess import engine
from scanserve.perf.memory import Usage, run_timed, run_watched
from scanserve.perf.nodes import node_rows
from scanserve.perf.peers import beside

if TYPE_CHECKING:
    from scanserve.geometry import HeatMap
    from scanserve.phantoms.ccta import Anatomy
    from scanserve.preprocessing import Phase, Volume

__all__ = ["BENCHMARKS"]

#: Phases of a short study, which shows whether memory grows with the number of phases.
_FEW_PHASES = 2
#: Seed of the phantom whose vessels the geometry benchmarks use; an arbitrary choice.
_SEED = 7
_PERCENT = 75.0
_SIGMA_MM = 1.5
_SERVED_REPEAT = 9
#: Compressed slices that are read: decoding takes so long that fewer than a phase are enough.
_COMPRESSED = 32
_READ_AIM, _DECODE_AIM, _GEOMETRY_AIM = "0.5 of the best", "1 of the best", "0.33 of the best"
_FORWARD_AIM = "0.25 of torch eager, 1.05 of the best"
_COMMAND = (
    sys.executable,
    "-c",
    "import sys; from scanserve.client.cli import main; sys.exit(main())",
    "ccta",
)


def whole_study(context: Context) -> Sequence[BenchmarkRow]:
    """Time of ``scanserve ccta`` on the study; in another run its peak memory, and on its first two phases."""
    timed, result = _analyse(run_timed, context.study, context.scratch / "timed")
    whole, _ = _analyse(run_watched, context.study, context.scratch / "whole")
    few, _ = _analyse(run_watched, _first_phases(context), context.scratch / "few")
    accuracy = _best_phases(context.study, result)
    phases = len(result["study"]["phases"])
    sizes = f"client {whole.client_mib:.0f} MiB, server {whole.server_mib:.0f} MiB"
    both = (whole.together_mib, few.together_mib)
    return [
        BenchmarkRow(
            f"study of {phases} phases", timed.seconds, None, "s", _stages(result), accuracy, "20 s for 10"
        ),
        BenchmarkRow("its processor time, all processes", timed.processor_s, None, "s", "", accuracy),
        BenchmarkRow("its peak memory, client and server", both[0], None, "MiB", sizes, accuracy, "3072 MiB"),
        BenchmarkRow(
            "its peak memory", *both, "MiB", f"{_FEW_PHASES} of its phases", "same study", "flat: 1"
        ),
    ]


def serving(context: Context) -> Sequence[BenchmarkRow]:
    """The served ensemble, through shared memory and through gRPC, against the same graphs in this process."""
    from scanserve.client.transport import Client
    from scanserve.server import Embedded

    inputs = _phase_inputs(_phase(context))
    rows = []
    modes: tuple[tuple[Literal["always", "never"], str], ...] = (("always", "1.1"), ("never", ""))
    with Embedded(models=CCTA.models) as server:
        direct = engine(CENTERLINE, Path(server.model_repository))
        for mode, aim in modes:
            with Client(
                server.grpc_url, shared_memory=mode, shared_memory_key=server.shared_memory_key
            ) as client:
                served = partial(client.infer, CENTERLINE, inputs)
                rows.append(_served_row(served, partial(direct, inputs), mode, aim))
    return rows


def gate(context: Context) -> Sequence[BenchmarkRow]:
    """The served ensemble through the gate, against the Triton behind it."""
    return gate_rows(CENTERLINE, CCTA.models, _phase_inputs(_phase(context)))


def requests(context: Context) -> Sequence[BenchmarkRow]:
    """Building the request of one phase, as a message and in shared memory, against tritonclient."""
    from scanserve.client.transport import build_request
    from scanserve.perf.wire import generated_bytes

    request = build_request(CENTERLINE, _phase_inputs(_phase(context)))
    region = memoryview(bytearray(request.size))
    builders: dict[str, Callable[[], object]] = {
        "request as one message": request.to_bytes,
        "request in shared memory": partial(request.copy_to, region),
    }
    peer = partial(generated_bytes, request)
    agreement = f"{request.size / 1e6:.0f} MB, equal requests"
    return [_row(name, in_turns(build, peer), "tritonclient", agreement) for name, build in builders.items()]


def reading(context: Context) -> Sequence[BenchmarkRow]:
    """Reading one phase, headers included, native and compressed, against other readers on the same files."""
    files = _phase(context).files
    folder = context.scratch / "one-phase"
    _link(files, folder)
    rows = list(_read_beside(f"reading {len(files)} slices, native", folder, _READ_AIM))
    for syntax in SYNTAXES:
        folder = context.scratch / syntax
        try:
            compress(files[:_COMPRESSED], folder, syntax)
        except (OSError, RuntimeError) as error:
            missing = f"nobody compresses {syntax} here ({error})"
            rows.append(BenchmarkRow(f"reading, {syntax}", 0.0, None, "s", missing, "nothing to compare"))
            continue
        rows += _read_beside(f"reading {_COMPRESSED} slices, {syntax}", folder, _DECODE_AIM)
    return rows


def _read_beside(name: str, folder: Path, aim: str) -> Iterator[BenchmarkRow]:
    def ours() -> npt.NDArray[np.int16]:
        return _phase_in(folder).load().hu

    return beside(name, ours, readers(folder), same_slices, repeat=3, aim=aim)


def straightening(context: Context) -> Sequence[BenchmarkRow]:
    """Straightening three vessels against other interpolators at the same positions."""
    from scanserve.geometry import straighten, straightened_points

    volume, paths = _phase(context).load(), [_vessel_path(vessel.abbreviation) for vessel in VESSELS]
    size: dict[str, Any] = {
        "steps": STEPS,
        "step_mm": STEP_MM,
        "size": CROSS_SIZE,
        "pixel_mm": CROSS_PIXEL_MM,
    }

    def ours() -> list[npt.NDArray[np.int16]]:
        return [straighten(volume, path, **size).image for path in paths]

    def agreement(own: list[npt.NDArray], other: list[npt.NDArray]) -> str:
        filled = [image[: len(section)] for image, section in zip(own, other, strict=True)]
        return _difference("HU", np.concatenate(filled), np.concatenate(other))

    peers = interpolators(volume, lambda: [straightened_points(path, **size) for path in paths])
    return list(beside("straightening three vessels", ours, peers, agreement, aim=_GEOMETRY_AIM))


def centerlines(context: Context) -> Sequence[BenchmarkRow]:
    """Heat maps to skeletons, graphs and rooted trees, against skeletons of the whole crop."""
    maps = [_heatmap(vessel.abbreviation) for vessel in VESSELS]

    def agreement(own: list[float], other: list[float]) -> str:
        return f"total length {sum(own):.0f} mm (smoothed trees) against {sum(other):.0f} mm, phantom"

    ours = partial(_tree_lengths_mm, maps)
    return list(beside("three heat maps to trees", ours, skeletonizers(maps), agreement, aim=_GEOMETRY_AIM))


def forward(context: Context) -> Sequence[BenchmarkRow]:
    """The network of stage 2 on three crops: as it is served, against engines in this process."""
    from scanserve.client.transport import Client
    from scanserve.server import Embedded

    spec = find_model(MODEL)
    crops = np.random.default_rng(_SEED).random((3, 2, *CROP_SHAPE), dtype=np.float32)
    with Embedded(models=[spec]) as server:
        file = Path(server.model_repository) / MODEL / "1" / "model.onnx"
        key = server.shared_memory_key
        with Client(server.grpc_url, shared_memory="always", shared_memory_key=key) as client:

            def ours() -> npt.NDArray[np.uint8]:
                return client.infer(spec, {"crops": crops})["heatmaps"]

            agreement = partial(_difference, "1/255 of heat")
            return list(beside("stage 2, served", ours, engines(file, crops), agreement, aim=_FORWARD_AIM))


def node(context: Context) -> Iterator[BenchmarkRow]:
    """A small phantom study through a node, beside the command on its folder, and four of them at once."""
    from scanserve.phantoms.ccta.study import SMALL, write_study

    study = write_study(context.scratch / "small", _SEED, _FEW_PHASES, grid=SMALL)
    try:
        yield from node_rows(CCTA.name, study, _COMMAND, context.scratch / "nodes", _rankings)
    except SetupError as error:
        yield BenchmarkRow("a study in the node", 0.0, None, "s", error.message, "nothing to compare")


def _rankings(result: Mapping[str, Any]) -> str:
    """The best phase of each vessel, and the scores of all phases by their rank."""
    vessels = (
        f"{vessel['vessel']} {vessel['ranking']['best']} "
        f"({', '.join(format(place['score'], '.4f') for place in vessel['ranking']['order'])})"
        for vessel in result["vessels"]
    )
    return f"best phases, with scores: {', '.join(vessels)}"


def _tree_lengths_mm(heatmaps: Sequence[HeatMap]) -> list[float]:
    return [_tree_length_mm(heatmap) for heatmap in heatmaps]


def _tree_length_mm(heatmap: HeatMap) -> float:
    """The total length of the tree of a heat map."""
    from scanserve.client.ccta.options import CORONARY
    from scanserve.geometry import (
        bridge_gaps,
        build_graph,
        build_tree,
        prune_spurs,
        skeletonize_heatmap,
        spanning_tree,
    )

    graph = build_graph(skeletonize_heatmap(heatmap.values, CORONARY.skeleton), heatmap)
    graph = spanning_tree(bridge_gaps(graph, heatmap, CORONARY.gaps))
    graph = prune_spurs(graph, CORONARY.spur_mm)
    return build_tree(graph, int(graph.endpoints[0]), heatmap, CORONARY.tree).total_length_mm


#: The benchmarks by the names for ``scanserve perf bench --only``.
BENCHMARKS: dict[str, Benchmark] = {
    "study": whole_study,
    "serving": serving,
    "gate": gate,
    "requests": requests,
    "reading": reading,
    "straightening": straightening,
    "centerlines": centerlines,
    "forward": forward,
    "node": node,
}


def _analyse(run: Callable[[Sequence[str]], Usage], study: Path, out: Path) -> tuple[Usage, dict[str, Any]]:
    usage = run([*_COMMAND, str(study), "--out", str(out)])
    if usage.status:
        last = usage.output.strip().splitlines()[-1:] or ["no output"]
        raise ResultError("bench-failed", f"scanserve ccta ended with status {usage.status}: {last[0]}")
    return usage, json.loads((out / "result.json").read_text(encoding="utf-8"))


def _stages(result: Mapping[str, Any]) -> str:
    """Seconds per stage, the longest first; stages overlap."""
    seconds: dict[str, float] = {}
    for span in result["timing"]["spans"]:
        seconds[span["stage"]] = seconds.get(span["stage"], 0) + span["duration_s"]
    longest = sorted(seconds.items(), key=lambda item: -item[1])
    return "stages, overlapping: " + ", ".join(f"{stage} {spent:.1f} s" for stage, spent in longest)


def _first_phases(context: Context) -> Path:
    from scanserve.preprocessing import read_study

    folder = context.scratch / "few-phases"
    for number, phase in enumerate(read_study(context.study).phases[:_FEW_PHASES]):
        _link(phase.files, folder / str(number))
    return folder


def _link(files: Sequence[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for number, file in enumerate(files):
        target = folder / f"{number:05d}.dcm"
        try:
            os.link(file, target)
        except OSError:
            shutil.copyfile(file, target)


def _best_phases(study: Path, result: Mapping[str, Any]) -> str:
    """The number of vessels with the right best phase, and the mean excess blur of the chosen phase."""
    file = study / "truth.json"
    if not file.is_file():
        return "no truth beside the study"
    truth = {
        vessel["abbreviation"]: vessel for vessel in json.loads(file.read_text(encoding="utf-8"))["vessels"]
    }
    excess = [
        _excess_blur(vessel, truth[vessel["vessel"]]) for vessel in result["vessels"] if vessel["found"]
    ]
    right = sum(value == 0 for value in excess)
    mean = f", mean excess blur {np.mean(excess):.2f} mm" if excess else ""
    return f"phantom: best phase right in {right} of {len(truth)} vessels{mean}"


def _excess_blur(vessel: Mapping[str, Any], truth: Mapping[str, Any]) -> float:
    blur = {f"{phase['percent']:g}": phase["blur_mm"] for phase in truth["phases"]}
    chosen = vessel["ranking"]["best"].rstrip(" %")
    return blur[chosen] - min(blur.values())


def _phase(context: Context) -> Phase:
    return _phase_in(context.study)


def _phase_in(folder: Path) -> Phase:
    from scanserve.preprocessing import read_study

    return read_study(folder).phases[0]


def _phase_inputs(phase: Phase) -> dict[str, npt.NDArray]:
    volume: Volume = phase.load()
    return {
        "volume": volume.hu,
        "spacing": volume.grid.spacing.astype(np.float32),
        "origin": volume.grid.origin.astype(np.float32),
    }


def _row(name: str, turns: Turns, against: str, accuracy: str, aim: str = "") -> BenchmarkRow:
    return BenchmarkRow(name, turns.ours, turns.peer, "s", against, accuracy, aim, turns.noise)


def _served_row(
    served: Callable[[], dict[str, npt.NDArray]],
    direct: Callable[[], dict[str, npt.NDArray]],
    mode: str,
    aim: str,
) -> BenchmarkRow:
    seconds = in_turns(served, direct, repeat=_SERVED_REPEAT)
    transport = "shared memory" if mode == "always" else "gRPC"
    agreement = _difference("1/255 of heat", served()["heatmaps"], direct()["heatmaps"])
    return _row(f"served ensemble, {transport}", seconds, "same graphs in process", agreement, aim)


def _difference(unit: str, ours: npt.NDArray, peer: npt.NDArray) -> str:
    if ours.shape != peer.shape:
        return f"shapes differ: {ours.shape} against {peer.shape}"
    gap = np.abs(ours.astype(np.float32) - peer.astype(np.float32))
    return f"differs by at most {gap.max():g} {unit}, {100 * np.mean(gap > 0):.2g} % of voxels"


def _anatomy() -> Anatomy:
    from scanserve.phantoms.ccta import Anatomy

    return Anatomy.sample(_SEED)


def _vessel_path(vessel: str) -> npt.NDArray[np.float64]:
    (main,) = (branch for branch in _anatomy().vessel(vessel).at(_PERCENT) if branch.main)
    return np.asarray(main.points, np.float64)


def _heatmap(vessel: str) -> HeatMap:
    """The true heat map of a phantom's vessel on a crop around it."""
    from scanserve.geometry import Grid, HeatMap
    from scanserve.geometry.heatmap import HOTTEST
    from scanserve.phantoms.ccta import heatmaps

    path = _vessel_path(vessel)
    number = [known.abbreviation for known in VESSELS].index(vessel)
    grid = Grid.centred(CROP_SHAPE, CROP_SPACING_MM, (path.min(axis=0) + path.max(axis=0)) / 2)
    maps = heatmaps(_anatomy(), _PERCENT, grid, _SIGMA_MM)
    return HeatMap(np.rint(np.clip(maps[number], 0, 1) * HOTTEST).astype(np.uint8), grid)
