"""Forward passes of the 3D networks on a GPU: time, TFLOP/s beside the measured ceiling, memory, numeric error.

Runs alone from a clone on any machine with CUDA, Python, torch and numpy; nothing else need be installed::

    python perf/gpu_forward.py --budget 240 --out gpu_forward.json

It ends within ``--budget`` seconds and a short grace, whatever happens: cases come in the order of their worth, each
result is written at once, and those for which there was no time are counted.  ``--device cpu --smoke`` proves the
script itself on small networks.

Networks: ``thin`` has the committed width and weights, ``full`` the width of the classic ResNet-50 and random
weights, normalised on the input so that activations keep their scale.  Batch normalisation is folded into the
convolutions, as in the served graphs.  Errors are against the same network in float32 (without TF32) on the same
device, over the first item of the batch: root mean square over the reference's standard deviation, and the largest
difference of the sigmoid, which is the heat that stages 1 and 2 serve.

Symbols: N batch; w width; a case is one network, precision, layout, way of running and batch.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import statistics
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / room) for room in ("export", "contracts", "geometry")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn.utils.fusion import fuse_conv_bn_eval  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402
from torch.utils._pytree import tree_leaves  # noqa: E402

from scanserve.networks.ccta import QualityConfig, ResNet50Quality, ResUNet50, ResUNetConfig  # noqa: E402

SEED = 13
PRECISIONS = {
    "fp32": torch.float32,
    "tf32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last_3d": torch.channels_last_3d}
WAYS = ("eager", "graph", "compile", "compile+graph")
BATCHES = (1, 2, 4, 8, 16)
#: Repeats of one case: at least, at most, and for how long.
LEAST, MOST, SPAN_S = 5, 50, 0.4
#: The ceiling is a product of two square matrices of this size.
MATRIX = 8192
#: A case is not begun with less time left than this, by its way of running: compiling takes longest.
NEEDED_S = {"eager": 3.0, "graph": 4.0, "compile": 35.0, "compile+graph": 35.0}
#: After the budget, a case that hangs is left this long before the process ends.
GRACE_S = 15.0


@dataclass(frozen=True)
class Network:
    """One network at one width, on inputs ``[N, channels, z, y, x]``."""

    name: str
    size: str
    width: int
    channels: int
    shape: tuple[int, int, int]
    served_batch: int

    @property
    def title(self) -> str:
        """Name and size."""
        return f"{self.name}/{self.size}"

    def build(self, device: torch.device) -> nn.Module:
        """The network in float32 with its normalisation folded; its output is one tensor ``[N, ...]``."""
        torch.manual_seed(SEED)
        network = self._network()
        weights = ROOT / "weights" / f"ccta_{self.name}" / "model.safetensors"
        network.to(device)
        if self.size == "thin" and weights.is_file():
            inner = network.network if isinstance(network, _OneOutput) else network
            inner.load_state_dict(read_safetensors(weights))
        else:
            _normalise(network, self.inputs(1, device))
        return fold(network.eval())

    def inputs(self, batch: int, device: torch.device) -> Tensor:
        """Seeded noise on a smooth wave, about 0 to 1; the first item is the same for every batch."""
        generator = torch.Generator().manual_seed(SEED)
        items = [torch.rand((self.channels, *self.shape), generator=generator) for _ in range(min(batch, 2))]
        wave = torch.sin(torch.linspace(0, 6 * np.pi, self.shape[2])) * 0.3
        stacked = torch.stack([items[min(number, 1)] for number in range(batch)])
        return (0.4 * stacked + wave + 0.3).to(device)

    def _network(self) -> nn.Module:
        if self.name == "quality":
            return _OneOutput(ResNet50Quality(QualityConfig(width=self.width)))
        outputs = 3 if self.name == "stage1" else 1
        return ResUNet50(ResUNetConfig(self.channels, outputs, self.width))


class _OneOutput(nn.Module):
    """The class activation map of the quality network, with every section valid."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """``[N, 1, 320, 32, 32]`` to ``[N, class, section]``."""
        valid = torch.ones((image.shape[0], image.shape[2] // 16), dtype=image.dtype, device=image.device)
        return self.network(image, valid).cam


@dataclass(frozen=True)
class Case:
    """What is measured in one row."""

    network: Network
    precision: str
    layout: str
    way: str
    batch: int

    def __str__(self) -> str:
        return f"{self.network.title} {self.precision} {self.layout} {self.way} batch {self.batch}"


@dataclass
class Report:
    """What was measured so far; written after every row."""

    path: Path
    about: dict[str, Any]
    ceilings: dict[str, float] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    left_out: int = 0
    finished: bool = False

    def write(self) -> None:
        """Write all of it."""
        content = {key: value for key, value in asdict(self).items() if key != "path"}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(content, indent=1) + "\n")

    def share(self, row: dict[str, Any]) -> float | None:
        """The TFLOP/s of a row over the matrix product's in its precision."""
        ceiling = self.ceilings.get(row["precision"])
        return round(row["tflops"] / ceiling, 3) if ceiling else None

    def table(self) -> str:
        """Ceilings and rows as text."""
        lines = [f"{self.about['device']}, torch {self.about['torch']}"]
        lines += [f"  ceiling {name}: {value:.4g}" for name, value in self.ceilings.items()]
        lines.append(
            f"{'network':15} {'prec':5} {'layout':17} {'way':14} {'N':>2} {'ms':>9} {'p95':>9} {'items/s':>9} "
            f"{'TFLOP/s':>8} {'share':>6} {'floor':>9} {'MiB':>7} {'rms err':>9} {'heat err':>9}"
        )
        for row in self.rows:
            share = "" if row["of_ceiling"] is None else f"{row['of_ceiling']:.3f}"
            floor = "" if row["floor_ms"] is None else f"{row['floor_ms']:.3f}"
            lines.append(
                f"{row['network']:15} {row['precision']:5} {row['layout']:17} {row['way']:14} {row['batch']:2d} "
                f"{row['median_ms']:9.3f} {row['p95_ms']:9.3f} {row['items_per_s']:9.1f} {row['tflops']:8.3f} "
                f"{share:>6} {floor:>9} {row['memory_mib']:7.0f} {row['rms_error']:9.2e} {row['heat_error']:9.2e}"
            )
        lines += [f"failed: {item['case']}: {item['reason']}" for item in self.failed]
        lines.append(
            f"{len(self.rows)} rows, {len(self.failed)} failed, {self.left_out} left out for want of time"
        )
        return "\n".join(lines)


class Clock:
    """The time that is left."""

    def __init__(self, budget_s: float) -> None:
        self._end = time.monotonic() + budget_s

    @property
    def left_s(self) -> float:
        """Seconds until the budget is spent."""
        return self._end - time.monotonic()


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file: eight bytes of length, a JSON header, raw little-endian values."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    dtypes = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            values = np.frombuffer(raw[begin:end], dtypes[entry["dtype"]]).reshape(entry["shape"])
            found[name] = torch.from_numpy(values.copy())
    return found


def fold(module: nn.Module) -> nn.Module:
    """``module`` with every normalisation that follows a convolution folded into it, in place."""
    for child in module.modules():
        if isinstance(child, nn.Sequential):
            for index in range(len(child) - 1):
                first, second = child[index], child[index + 1]
                if isinstance(first, nn.Conv3d) and isinstance(second, nn.BatchNorm3d):
                    child[index], child[index + 1] = fuse_conv_bn_eval(first, second), nn.Identity()
    return module


def _normalise(network: nn.Module, image: Tensor) -> None:
    """Give an untrained network statistics of ``image``, and blocks that do something."""
    for child in network.modules():
        if isinstance(child, nn.BatchNorm3d):
            child.momentum = 1.0
            if not child.weight.any():  # the last one of a block starts at zero
                nn.init.constant_(child.weight, 0.5)
    with torch.no_grad():
        network.train()(image)


def count_flops(network: nn.Module, image: Tensor) -> float:
    """Floating-point operations of the convolutions for one batch like ``image``: two per multiply and add."""
    total = 0.0

    def add(module: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        size = inputs[0].numel() if isinstance(module, nn.ConvTranspose3d) else output.numel()
        total += 2.0 * size * module.weight[0].numel()

    kinds = (nn.Conv1d, nn.Conv3d, nn.ConvTranspose3d)
    hooks = [child.register_forward_hook(add) for child in network.modules() if isinstance(child, kinds)]
    with torch.no_grad():
        network(image)
    for hook in hooks:
        hook.remove()
    return total


class Counted(TorchDispatchMode):
    """Bytes read and written, and floating-point operations, of every operation in its block, one after another.

    With the measured ceilings these give a floor: no operation is faster than its bytes and its operations allow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[tuple[float, float]] = []

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Do ``function`` and count it, unless it only looks at its input in another way."""
        output = function(*args, **(kwargs or {}))
        inputs = [item for item in tree_leaves(args) if isinstance(item, Tensor)]
        outputs = [item for item in tree_leaves(output) if isinstance(item, Tensor)]
        if not any(word in function.__name__ for word in ("view", "detach", "expand", "slice", "select")):
            size = sum(item.numel() * item.element_size() for item in (*inputs, *outputs))
            self.operations.append((float(size), _convolution_flops(function.__name__, args, outputs)))
        return output

    def floor_s(self, tflops: float, gbytes_per_s: float) -> float:
        """Seconds, where every operation reaches the ceiling that it meets first."""
        return sum(max(size / gbytes_per_s / 1e9, flops / tflops / 1e12) for size, flops in self.operations)


def _convolution_flops(name: str, args: Any, outputs: Sequence[Tensor]) -> float:
    if not name.startswith("convolution"):
        return 0.0
    image, weight, transposed = args[0], args[1], args[6]
    return 2.0 * (image.numel() if transposed else outputs[0].numel()) * weight[0].numel()


def allow(precision: str) -> None:
    """Settings of ``precision``: TF32 for float32 only where asked for, and a search for the fastest convolutions.

    In float32 without TF32 that search took longer than a minute on an H100, so there it is left out.
    """
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = precision != "fp32"


def measure(call: Callable[[], object], device: torch.device, repeats: tuple[int, int, float]) -> list[float]:
    """Milliseconds of each of several calls, by CUDA events where there is a GPU."""
    least, most, span_s = repeats
    took: list[float] = []
    end = time.monotonic() + span_s
    while len(took) < least or (len(took) < most and time.monotonic() < end):
        took.append(_one(call, device))
    return took


def _one(call: Callable[[], object], device: torch.device) -> float:
    if device.type != "cuda":
        start = time.perf_counter()
        call()
        return 1e3 * (time.perf_counter() - start)
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    call()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end)


def measure_ceilings(device: torch.device, size: int, report: Report) -> None:
    """TFLOP/s of a matrix product in every precision, and GB/s of a copy (read and written)."""
    for name, dtype in PRECISIONS.items():
        if device.type != "cuda" and name in ("tf32", "fp16"):
            continue
        allow(name)
        left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
        _one(lambda left=left, right=right: left @ right, device)  # type: ignore[misc]
        took = measure(lambda left=left, right=right: left @ right, device, (LEAST, MOST, SPAN_S))  # type: ignore[misc]
        report.ceilings[name] = round(2.0 * size**3 / statistics.median(took) / 1e9, 3)
    source = torch.empty(4 * size * size, device=device)
    target = torch.empty_like(source)
    took = measure(lambda: target.copy_(source), device, (LEAST, MOST, SPAN_S))
    report.ceilings["copy GB/s"] = round(2.0 * source.numel() * 4 / statistics.median(took) / 1e6, 1)


class Bench:
    """Measures cases, keeping the network and the reference of one at a time."""

    def __init__(self, device: torch.device, report: Report) -> None:
        self._device, self._report = device, report
        self._network: Network | None = None

    def run(self, case: Case) -> None:
        """Measure ``case`` and add its row, or the reason why there is none."""
        try:
            self._prepare(case.network)
            self._report.rows.append(self._measure(case))
        except Exception as error:  # out of memory, no compiler, no kernel: a row without a figure
            reason = (str(error).strip().splitlines() or [""])[0][:200]
            self._report.failed.append({"case": str(case), "reason": f"{type(error).__name__}: {reason}"})
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        self._report.write()

    def _prepare(self, network: Network) -> None:
        if network == self._network:
            return
        allow("fp32")
        self._network = None
        self._module = network.build(self._device)
        image = network.inputs(1, self._device)
        self._flops = count_flops(self._module, image)
        with torch.inference_mode():
            self._reference = self._module(image)[0].float().cpu()
        with torch.no_grad(), Counted() as self._counted:
            self._module(image)
        self._network = network

    def _measure(self, case: Case) -> dict[str, Any]:
        allow(case.precision)
        dtype, layout = PRECISIONS[case.precision], LAYOUTS[case.layout]
        module: Any = copy.deepcopy(self._module).to(dtype)
        module = module.to(memory_format=layout)
        image = case.network.inputs(case.batch, self._device).to(dtype=dtype, memory_format=layout)
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
        start = time.perf_counter()
        with torch.inference_mode():
            call = runner(module, image, case.way, self._device)
            output = call()
            ready_s = time.perf_counter() - start
            took = measure(call, self._device, (LEAST, MOST, SPAN_S))
        return self._row(case, took, output, ready_s)

    def _row(self, case: Case, took: Sequence[float], output: Tensor, ready_s: float) -> dict[str, Any]:
        median = statistics.median(took)
        found = output[0].detach().float().cpu()
        difference = found - self._reference
        memory = torch.cuda.max_memory_allocated() / 2**20 if self._device.type == "cuda" else 0.0
        row = {
            "network": case.network.title,
            "width": case.network.width,
            "shape": [case.batch, case.network.channels, *case.network.shape],
            "precision": case.precision,
            "layout": case.layout,
            "way": case.way,
            "batch": case.batch,
            "repeats": len(took),
            "median_ms": round(median, 4),
            "p95_ms": round(float(np.percentile(took, 95)), 4),
            "items_per_s": round(1e3 * case.batch / median, 2),
            "gflop_per_item": round(self._flops / 1e9, 3),
            "tflops": round(self._flops * case.batch / median / 1e9, 4),
            "memory_mib": round(memory, 1),
            "rms_error": float(difference.square().mean().sqrt() / self._reference.std()),
            "heat_error": float((torch.sigmoid(found) - torch.sigmoid(self._reference)).abs().max()),
            "ready_s": round(ready_s, 2),
        }
        return {**row, "of_ceiling": self._report.share(row), "floor_ms": self._floor_ms(case)}

    def _floor_ms(self, case: Case) -> float | None:
        """What the batch takes at least by the ceilings, unfused; bytes were counted in float32."""
        ceiling, copied = (self._report.ceilings.get(name) for name in (case.precision, "copy GB/s"))
        if not ceiling or not copied:
            return None
        shrunk = 4 / PRECISIONS[case.precision].itemsize
        return round(1e3 * case.batch * self._counted.floor_s(ceiling, copied * shrunk), 4)


def runner(module: nn.Module, image: Tensor, way: str, device: torch.device) -> Callable[[], Tensor]:
    """A call that runs ``module`` on ``image`` once, warm."""
    if way.startswith("compile"):
        torch._dynamo.reset()
        compiled: Any = torch.compile(module, dynamic=False)
        module = compiled
    for _ in range(3):
        module(image)
    if not way.endswith("graph"):
        return lambda: module(image)
    if device.type != "cuda":
        raise RuntimeError("CUDA graphs need a GPU")
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = module(image)

    def replay() -> Tensor:
        graph.replay()
        return output

    return replay


def networks(smoke: bool) -> list[Network]:
    """Full width before the committed one, the heaviest first."""
    full, thin = (16 if smoke else 64), 8
    stage1, stage2, quality = (96,) * 3, (128,) * 3, (320, 32, 32)
    if smoke:
        stage1, stage2, quality = (64,) * 3, (64,) * 3, (64, 32, 32)
    found = []
    for size, width in (("full", full), ("thin", thin)):
        found += [
            Network("stage2", size, width, 2, stage2, 3),
            Network("stage1", size, width, 2, stage1, 1),
            Network("quality", size, width, 1, quality, 16),
        ]
    return found


def cases(chosen: Sequence[Network], batches: Sequence[int], *, gpu: bool = True) -> Iterator[Case]:
    """Every case, the worthiest first; none comes twice.  A CPU has neither graphs nor TF32, and crawls in fp16."""
    seen = set()
    for case in _by_worth(chosen, batches):
        fits = gpu or (case.precision in ("fp32", "bf16") and not case.way.endswith("graph"))
        if fits and case not in seen:
            seen.add(case)
            yield case


def _by_worth(chosen: Sequence[Network], batches: Sequence[int]) -> Iterator[Case]:
    last, precisions = "channels_last_3d", ("fp16", "bf16", "tf32", "fp32")
    served = {network: min(network.served_batch, max(batches)) for network in chosen}
    for way in ("eager", "graph"):  # as served, then without the launches
        for network in chosen:
            yield from (
                Case(network, precision, last, way, served[network]) for precision in ("fp16", "bf16")
            )
    yield from (Case(network, "tf32", last, "eager", served[network]) for network in chosen)
    yield from (Case(network, "fp16", "contiguous", "eager", served[network]) for network in chosen)
    yield from (Case(network, "bf16", last, "compile+graph", served[network]) for network in chosen)
    for network in chosen:
        yield from (Case(network, "bf16", last, "graph", batch) for batch in batches)
        yield from (Case(network, "fp16", last, "graph", batch) for batch in batches)
    yield from (Case(network, "fp16", last, "compile", served[network]) for network in chosen)
    for network in chosen:
        yield from (
            Case(network, precision, layout, way, batch)
            for way in ("eager", "graph")
            for batch in batches
            for precision in precisions
            for layout in (last, "contiguous")
        )
    for network in chosen:
        yield from (Case(network, precision, last, "compile", served[network]) for precision in precisions)


def about(device: torch.device, budget_s: float) -> dict[str, Any]:
    """The machine and the versions."""
    found: dict[str, Any] = {
        "device": platform.processor() or platform.machine(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "budget_s": budget_s,
    }
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found["device"] = properties.name
        found["memory_gib"] = round(properties.total_memory / 2**30, 1)
        found["multiprocessors"] = properties.multi_processor_count
        found["capability"] = f"{properties.major}.{properties.minor}"
        found["cuda"] = torch.version.cuda
        found["cudnn"] = torch.backends.cudnn.version()
    return found


def _watch(report: Report, clock: Clock) -> None:
    """End the process when a case takes longer than the budget and the grace: what was measured is kept."""

    def wait() -> None:
        time.sleep(max(0.0, clock.left_s) + GRACE_S)
        sys.stdout.write(report.table() + "\nended by the clock\n")
        sys.stdout.flush()
        os._exit(0)

    threading.Thread(target=wait, name="gpu-forward-clock", daemon=True).start()


def run(device: torch.device, clock: Clock, report: Report, *, smoke: bool) -> None:
    """Measure the ceilings and then every case for which there is time."""
    measure_ceilings(device, 256 if smoke else MATRIX, report)
    bench = Bench(device, report)
    batches = (1, 2) if smoke else BATCHES
    for case in cases(networks(smoke), batches, gpu=device.type == "cuda"):
        if clock.left_s < NEEDED_S[case.way]:
            report.left_out += 1
        else:
            bench.run(case)
    report.finished = True
    report.write()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; 1 where there is no such device."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--budget", type=float, default=240.0, help="seconds")
    parser.add_argument("--out", type=Path, default=Path("gpu_forward.json"))
    parser.add_argument("--smoke", action="store_true", help="small networks, to prove the script")
    options = parser.parse_args(arguments)
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.stderr.write("no CUDA device is available to torch\n")
        return 1
    warnings.simplefilter("ignore")
    clock = Clock(options.budget)
    report = Report(options.out, about(device, options.budget))
    _watch(report, clock)
    run(device, clock, report, smoke=options.smoke)
    sys.stdout.write(report.table() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
