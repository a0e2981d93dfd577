"""TensorRT plans from ONNX with ``trtexec``: the exact command per model and configuration.

A plan fits one TensorRT version and one GPU architecture, so it is built with the ``trtexec`` of the image that serves
it (:data:`SERVING_IMAGE`).  It is built into a cache and then copied beside the ONNX under the name that the
configuration expects.  The key of the cache is the sha256 of the ONNX file, the TensorRT version and the compute
capability.

The ONNX determines the precision: plans are strongly typed, so an FP32 graph stays FP32, and a half-precision plan
is built from a half-precision ONNX (``docs/tensorrt.md``).
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scanserve.contracts import Axis, InputError, ModelSpec, SetupError, TensorSpec, all_models

__all__ = [
    "SERVING_IMAGE",
    "PlanBuild",
    "Toolchain",
    "build_plan",
    "find_toolchain",
    "find_trtexec",
    "plan_builds",
    "profile_shapes",
]

#: The image of ``docker-compose.yml``; the reason for its tag is in ``docs/deployment.md``.
SERVING_IMAGE = "nvcr.io/nvidia/tritonserver:26.02-py3"

#: ``trtexec`` in the image, where it is not on the PATH.
_IMAGE_TRTEXEC = "/usr/src/tensorrt/bin/trtexec"
_HALF_FILE = "model.fp16.onnx"
_HASH_BLOCK = 1 << 20

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Toolchain:
    """The dependencies of a plan besides its ONNX: TensorRT version and compute capability of the GPU."""

    trtexec: str
    tensorrt: str
    capability: str


@dataclass(frozen=True)
class PlanBuild:
    """A plan to build from ``onnx`` to ``plan`` for GPUs of one compute capability."""

    spec: ModelSpec
    configuration: str
    capability: str
    onnx: Path
    plan: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments that depend only on the contract: typing and shape profiles."""
        return ("--stronglyTyped", "--skipInference", *_shape_arguments(self.spec))

    def command(self, trtexec: str, engine: Path, timing_cache: Path) -> tuple[str, ...]:
        """The command line that builds ``engine``."""
        paths = (f"--onnx={self.onnx}", f"--saveEngine={engine}", f"--timingCacheFile={timing_cache}")
        return (trtexec, *paths, *self.arguments)

    def docker_command(self, image: str = SERVING_IMAGE) -> tuple[str, ...]:
        """The same build in the serving image, directly into the model repository."""
        folder = self.onnx.parent.resolve()
        inside = Path("/model")
        cache = inside / f"{self.configuration}.timing"
        here = PlanBuild(self.spec, self.configuration, self.capability, inside / self.onnx.name, inside)
        container = ("docker", "run", "--rm", "--gpus", "all", "--network", "none")
        volume = ("--volume", f"{folder}:{inside}")
        return (*container, *volume, image, *here.command(_IMAGE_TRTEXEC, inside / self.plan.name, cache))

    def cached(self, cache: Path, tools: Toolchain) -> Path:
        """The path of the plan in the cache; its key holds everything that the plan depends on."""
        key = f"{_sha256(self.onnx)[:16]}-trt{tools.tensorrt}-sm{tools.capability.replace('.', '')}"
        return Path(cache) / self.spec.name / f"{key}.plan"


def plan_builds(repository: Path, configuration: str, *, half: bool = False) -> tuple[PlanBuild, ...]:
    """The plans that ``configuration`` (``t4`` or ``a100``) needs.

    Args:
        repository: the model repository that holds the ONNX files and receives the plans.
        configuration: a configuration of the contracts with TensorRT deployments.
        half: build from the half-precision ONNX beside the FP32 one.

    Raises:
        InputError: code ``unknown-configuration`` if no model runs on TensorRT in ``configuration``.
    """
    builds = tuple(
        _build(spec, Path(repository), configuration, half)
        for spec in all_models()
        if configuration in spec.deployments and spec.deployments[configuration].backend == "tensorrt"
    )
    if not builds:
        raise InputError(
            "unknown-configuration",
            f"no model runs on TensorRT in configuration {configuration!r}; try t4 or a100.",
        )
    return builds


def profile_shapes(spec: ModelSpec) -> dict[str, dict[str, tuple[int, ...]]]:
    """Shapes for TensorRT's optimization profile: ``min``, ``opt``, ``max`` -> input -> shape.

    Empty if every axis is fixed; then the ONNX suffices.
    """
    if not spec.batched and all(-1 not in tensor.shape for tensor in spec.inputs):
        return {}
    return {
        bound: {tensor.name: _profile_shape(spec, tensor, bound) for tensor in spec.inputs}
        for bound in ("min", "opt", "max")
    }


def find_trtexec(builds: Sequence[PlanBuild] = ()) -> str:
    """The path of ``trtexec``.

    Raises:
        SetupError: code ``trtexec-missing``, with the command to run in the serving image.
    """
    found = shutil.which("trtexec") or shutil.which(_IMAGE_TRTEXEC)
    if found is None:
        commands = " && ".join(shlex.join(build.docker_command()) for build in builds)
        raise SetupError(
            "trtexec-missing",
            f"trtexec is not installed here; build the plans with the serving image {SERVING_IMAGE} itself, "
            f"on the GPU that will serve them: {commands}",
        )
    return found


def find_toolchain(trtexec: str, run: Run | None = None) -> Toolchain:
    """Query ``trtexec`` for the TensorRT version and the driver for the compute capability of the GPU.

    Raises:
        SetupError: code ``trtexec-version`` or ``gpu-missing``.
    """
    run = run or _run
    banner = re.search(r"TensorRT v(\d+)", run((trtexec, "--help")).stdout)
    if banner is None:
        raise SetupError("trtexec-version", f"{trtexec} must report its TensorRT version but does not.")
    query = ("nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader")
    capability = re.search(r"\d+\.\d+", run(query).stdout)
    if capability is None:
        raise SetupError(
            "gpu-missing", "nvidia-smi names no GPU; a plan must be built on the GPU that serves it."
        )
    return Toolchain(trtexec, banner[1], capability[0])


def build_plan(build: PlanBuild, tools: Toolchain, cache: Path, run: Run | None = None) -> Path:
    """Build a plan, or take it from the cache, and copy it into the model repository.

    Returns:
        The path of the plan in the model repository.

    Raises:
        SetupError: codes ``compute-capability``, ``onnx-missing``, ``trtexec-failed``.
    """
    _check_buildable(build, tools)
    engine = build.cached(cache, tools)
    if not engine.is_file():
        engine.parent.mkdir(parents=True, exist_ok=True)
        _build_engine(build, tools, engine, run or _run)
    shutil.copyfile(engine, build.plan)
    record = {**asdict(tools), "onnx": build.onnx.name, "onnx_sha256": _sha256(build.onnx)}
    build.plan.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return build.plan


def _check_buildable(build: PlanBuild, tools: Toolchain) -> None:
    if tools.capability != build.capability:
        raise SetupError(
            "compute-capability",
            f"configuration {build.configuration!r} needs a GPU of compute capability {build.capability}, "
            f"but this one has {tools.capability}.",
        )
    if not build.onnx.is_file():
        raise SetupError("onnx-missing", f"there is no {build.onnx}; write it with `scanserve export onnx`.")


def _build_engine(build: PlanBuild, tools: Toolchain, engine: Path, run: Run) -> None:
    partial = engine.with_suffix(".partial")
    timing = engine.parent.parent / f"trt{tools.tensorrt}-sm{tools.capability.replace('.', '')}.timing"
    result = run(build.command(tools.trtexec, partial, timing))
    if result.returncode or not partial.is_file():
        tail = " ".join((result.stdout + result.stderr).strip().splitlines()[-3:])
        raise SetupError(
            "trtexec-failed", f"trtexec could not build {build.plan.name} of {build.spec.name}: {tail}"
        )
    partial.replace(engine)


def _build(spec: ModelSpec, repository: Path, configuration: str, half: bool) -> PlanBuild:
    files = spec.deployments[configuration].capability_files
    capability = next(name for name, file in files.items() if Path(file).stem == configuration)
    version = repository / spec.name / "1"
    onnx = version / (_HALF_FILE if half else "model.onnx")
    return PlanBuild(spec, configuration, capability, onnx, version / files[capability])


def _shape_arguments(spec: ModelSpec) -> tuple[str, ...]:
    return tuple(
        f"--{bound}Shapes="
        + ",".join(f"{name}:{'x'.join(map(str, shape))}" for name, shape in shapes.items())
        for bound, shapes in profile_shapes(spec).items()
    )


def _profile_shape(spec: ModelSpec, tensor: TensorSpec, bound: str) -> tuple[int, ...]:
    batch = (_bounded(Axis("batch", None, spec.max_batch_size), bound),) if spec.batched else ()
    return (*batch, *(_bounded(axis, bound) for axis in tensor.axes))


def _bounded(axis: Axis, bound: str) -> int:
    """The size of an axis at a bound of the profile; the optimum of a free axis is half its maximum."""
    if axis.size is not None:
        return axis.size
    return {"min": 1, "opt": max(1, axis.maximum // 2), "max": axis.maximum}[bound]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", f"{command[0]} is not installed")
