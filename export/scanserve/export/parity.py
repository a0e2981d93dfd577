"""Parity of exported ONNX with torch: measured, checked against tolerances, and stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from scanserve.contracts import InputError, ModelSpec, SetupError
from scanserve.networks.weights import canonical_json, sha256_of

__all__ = ["TOLERANCES", "OutputError", "compare", "measure", "run_onnx", "run_torch", "write_report"]

Tensors = Mapping[str, npt.NDArray]

#: Largest difference per output type.  FP32: relative to the largest magnitude of the output (order of summation; on
#: the windowed image 1e-3 is 0.6 HU).  UINT8: one level (rounding of the same value).  INT32: none (a class index).
TOLERANCES = {"FP32": 1e-3, "FP16": 5e-3, "UINT8": 1.0, "INT16": 1.0, "INT32": 0.0}
_FLOATS = ("FP32", "FP16")


@dataclass(frozen=True)
class OutputError:
    """The largest absolute difference of an output, also relative to its largest magnitude."""

    max_abs: float
    max_rel: float


def run_torch(module: nn.Module, spec: ModelSpec, inputs: Tensors) -> dict[str, npt.NDArray]:
    """The outputs of the module by contract name."""
    with torch.inference_mode():
        results = module(*(torch.from_numpy(inputs[tensor.name]) for tensor in spec.inputs))
    results = results if isinstance(results, tuple) else (results,)
    return {tensor.name: result.numpy() for tensor, result in zip(spec.outputs, results, strict=True)}


def run_onnx(data: bytes, inputs: Tensors) -> dict[str, npt.NDArray]:
    """Outputs of a serialised ONNX model by name, on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def compare(expected: Tensors, found: Tensors) -> dict[str, OutputError]:
    """Errors of ``found`` against ``expected``, per output."""
    return {name: _error(expected[name], found[name]) for name in expected}


def measure(
    module: nn.Module, spec: ModelSpec, data: bytes, cases: Iterable[tuple[str, Tensors]]
) -> dict[str, Any]:
    """The parity report of ``spec`` over named input cases.

    Raises:
        SetupError: code ``export-contract`` for an output that violates its contract, ``export-parity`` for an error
            above :data:`TOLERANCES`.
    """
    import onnxruntime

    report = [_measure_case(module, spec, data, name, inputs) for name, inputs in cases]
    return {
        "model": spec.name,
        "onnx_sha256": sha256_of(data),
        "onnx_bytes": len(data),
        "versions": {"onnxruntime": onnxruntime.__version__, "torch": torch.__version__},
        "tolerances": {tensor.name: TOLERANCES[tensor.dtype] for tensor in spec.outputs},
        "cases": report,
    }


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report as canonical JSON."""
    path.write_text(canonical_json(report), encoding="utf-8")


def _measure_case(
    module: nn.Module, spec: ModelSpec, data: bytes, name: str, inputs: Tensors
) -> dict[str, Any]:
    expected, found = run_torch(module, spec, inputs), run_onnx(data, inputs)
    errors = compare(expected, found)
    for tensor in spec.outputs:
        _check_shape(spec, tensor.name, found[tensor.name])
        _check_error(spec, tensor.name, name, errors[tensor.name])
    outputs = {
        output: {"max_abs": _rounded(error.max_abs), "max_rel": _rounded(error.max_rel)}
        for output, error in errors.items()
    }
    shapes = {tensor: list(array.shape) for tensor, array in inputs.items()}
    return {"name": name, "inputs": shapes, "outputs": outputs}


def _check_shape(spec: ModelSpec, output: str, array: npt.NDArray) -> None:
    try:
        spec.output(output).validate(array, batched=spec.batched)
    except InputError as error:
        raise SetupError(
            "export-contract", f"the ONNX of {spec.name} violates its contract: {error}"
        ) from error


def _check_error(spec: ModelSpec, output: str, case: str, error: OutputError) -> None:
    dtype = spec.output(output).dtype
    found = error.max_rel if dtype in _FLOATS else error.max_abs
    if not found <= TOLERANCES[dtype]:
        raise SetupError(
            "export-parity",
            f"output {output!r} of {spec.name} differs from torch by {found:.3g} on the {case} input; "
            f"at most {TOLERANCES[dtype]:g} is allowed.",
        )


def _error(expected: npt.NDArray, found: npt.NDArray) -> OutputError:
    exact = expected.astype(np.float64)
    max_abs = float(np.abs(exact - found.astype(np.float64)).max())
    scale = float(np.abs(exact).max())
    return OutputError(max_abs, max_abs / scale if scale > 0 else max_abs)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
