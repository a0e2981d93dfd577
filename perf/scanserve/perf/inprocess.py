"""The served graphs in this process, with the engines that the server uses: what serving itself adds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import ModelSpec, find_model

__all__ = ["Engine", "engine"]

Tensors = Mapping[str, npt.NDArray]
#: From named inputs with a batch axis to named outputs.
Engine = Callable[[Tensors], dict[str, npt.NDArray]]


def engine(spec: ModelSpec, repository: Path) -> Engine:
    """Run a model, or the steps of an ensemble, each with the engine of its ``cpu`` deployment.

    Args:
        spec: the model.
        repository: the served model repository.
    """
    return _ensemble(spec, repository) if spec.steps else _network(spec, repository)


def _ensemble(spec: ModelSpec, repository: Path) -> Engine:
    steps = [(step, engine(find_model(step.model), repository)) for step in spec.steps]

    def run(inputs: Tensors) -> dict[str, npt.NDArray]:
        values = dict(inputs)
        for step, inner_engine in steps:
            made = inner_engine({inner: values[outer] for inner, outer in step.inputs.items()})
            values |= {outer: made[inner] for inner, outer in step.outputs.items()}
        return {tensor.name: values[tensor.name] for tensor in spec.outputs}

    return run


def _network(spec: ModelSpec, repository: Path) -> Engine:
    file = repository / spec.name / "1" / "model.onnx"
    place = spec.deployments["cpu"]
    names = [tensor.name for tensor in spec.outputs]
    if place.backend == "openvino":
        return _openvino(file, names, place.parameters.get("precision", "f32"))
    return _onnxruntime(file, names)


def _onnxruntime(file: Path, names: Sequence[str]) -> Engine:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return lambda inputs: dict(zip(names, session.run(list(names), dict(inputs)), strict=True))


def _openvino(file: Path, names: Sequence[str], precision: str) -> Engine:
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # no usage data, ever
    import openvino

    core = openvino.Core()
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    model = core.compile_model(core.read_model(file), "CPU", options)

    def run(inputs: Tensors) -> dict[str, npt.NDArray]:
        result = model(dict(inputs))
        return {name: np.array(result[name]) for name in names}

    return run
