"""ONNX export of a torch module; names, types and dynamic axes come from its ModelSpec only."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from types import ModuleType

import onnx
import torch
from torch import nn

from scanserve.contracts import ModelSpec, SetupError, TensorSpec, find_model, owner_of, part
from scanserve.export.parity import Tensors, measure, write_report

__all__ = ["OPSET", "application_exports", "check_contract", "export_model", "export_onnx", "write_model"]

#: The newest opset that all engines read: TensorRT 10, OpenVINO, and the ONNX Runtime of the 24.10 image.
OPSET = 18
BATCH_AXIS = "batch"


def export_model(name: str, repository: Path, weights_dir: Path) -> Path:
    """Build, export, check and write a model, with the builder and the samples of its application.

    Args:
        name: a model of the contracts, not an ensemble.
        repository: the model repository; ``<name>/1/model.onnx`` and ``<name>/parity.json`` are written.
        weights_dir: the folder that holds ``<name>/model.safetensors``; not read for fixed graphs.

    Returns:
        The path of the ONNX file.

    Raises:
        InputError: code ``unknown-model`` or ``application-part-missing``.
        SetupError: codes ``weights-*``, ``export-ensemble``, ``export-contract`` and ``export-parity``.
    """
    spec, application = find_model(name), application_exports(name)
    if spec.kind == "ensemble":
        raise SetupError("export-ensemble", f"{name} is an ensemble: it has a config but no ONNX to export.")
    module = application.BUILDERS[name](weights_dir)
    return write_model(module, spec, application.samples(spec), repository)


def write_model(
    module: nn.Module, spec: ModelSpec, samples: list[tuple[str, Tensors]], repository: Path
) -> Path:
    """Export ``module`` into ``repository`` with its parity report; nothing is written if a check fails."""
    data = export_onnx(module, spec, samples[0][1])
    report = measure(module, spec, data, samples)
    path = repository / spec.name / "1" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    write_report(repository / spec.name / "parity.json", report)
    return path


def export_onnx(module: nn.Module, spec: ModelSpec, sample: Tensors) -> bytes:
    """Serialised ONNX of ``module`` with exactly the tensors of ``spec``; byte-reproducible.

    Raises:
        SetupError: code ``export-contract`` if the graph does not meet the contract.
    """
    try:
        data = _trace(module, spec, sample)
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise SetupError(
            "export-contract",
            f"the network of {spec.name} must accept the inputs of its contract but says: {reason}",
        ) from error
    model = onnx.load_from_string(data)
    _state_shapes(model, spec)
    _strip(model)
    onnx.checker.check_model(model)
    check_contract(model, spec)
    return model.SerializeToString(deterministic=True)


def check_contract(model: onnx.ModelProto, spec: ModelSpec) -> None:
    """Compare inputs and outputs of a graph with the contract.

    Raises:
        SetupError: code ``export-contract``.
    """
    sides = (
        ("input", model.graph.input, spec.inputs),
        ("output", model.graph.output, spec.outputs),
    )
    for side, found, expected in sides:
        has = [_describe(value) for value in found]
        wants = [(tensor.name, _onnx_type(tensor), _dimensions(tensor, spec)) for tensor in expected]
        if has != wants:
            raise SetupError(
                "export-contract",
                f"the {side}s of the ONNX graph of {spec.name} must be {wants} but are {has}.",
            )


def application_exports(name: str) -> ModuleType:
    """The module ``scanserve.export.<application>`` with the builders and samples of the model ``name``.

    Raises:
        InputError: code ``unknown-model`` or ``application-part-missing``.
    """
    return part("export", owner_of(name).name)


def _trace(module: nn.Module, spec: ModelSpec, sample: Tensors) -> bytes:
    tensors = tuple(torch.from_numpy(sample[tensor.name]) for tensor in spec.inputs)
    buffer = io.BytesIO()
    # The TorchScript exporter supports slices with computed bounds; torch marks it as legacy.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"torch\.onnx.*")
        torch.onnx.export(
            module.eval(),
            tensors,
            buffer,  # type: ignore[arg-type]  # the TorchScript exporter takes a buffer
            dynamo=False,
            opset_version=OPSET,
            input_names=[tensor.name for tensor in spec.inputs],
            output_names=[tensor.name for tensor in spec.outputs],
            dynamic_axes=_dynamic_axes(spec),
            do_constant_folding=True,
        )
    return buffer.getvalue()


def _dynamic_axes(spec: ModelSpec) -> dict[str, dict[int, str]]:
    """For each tensor, position -> name of its dynamic axes."""
    tensors = (*spec.inputs, *spec.outputs)
    named = {
        tensor.name: {
            position: size for position, size in enumerate(_dimensions(tensor, spec)) if isinstance(size, str)
        }
        for tensor in tensors
    }
    return {name: axes for name, axes in named.items() if axes}


def _dimensions(tensor: TensorSpec, spec: ModelSpec) -> tuple[int | str, ...]:
    """Axis sizes, or the names of dynamic axes, preceded by the batch axis if there is one."""
    sizes = tuple(axis.name if axis.size is None else axis.size for axis in tensor.axes)
    return (BATCH_AXIS, *sizes) if spec.batched else sizes


def _state_shapes(model: onnx.ModelProto, spec: ModelSpec) -> None:
    """Set the contract's sizes on the outputs, which tracing leaves unknown; the parity run verifies them."""
    for value, tensor in zip(model.graph.output, spec.outputs, strict=True):
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for size in _dimensions(tensor, spec):
            dimension = shape.dim.add()
            if isinstance(size, str):
                dimension.dim_param = size
            else:
                dimension.dim_value = size


def _strip(model: onnx.ModelProto) -> None:
    """Remove source traces, and the guessed shapes of inner values."""
    model.doc_string = model.graph.doc_string = ""
    del model.metadata_props[:], model.graph.metadata_props[:], model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]


def _onnx_type(tensor: TensorSpec) -> str:
    code = onnx.helper.np_dtype_to_tensor_dtype(tensor.numpy_dtype)
    return onnx.TensorProto.DataType.Name(code)


def _describe(value: onnx.ValueInfoProto) -> tuple[str, str, tuple[int | str, ...]]:
    tensor = value.type.tensor_type
    sizes = tuple(dim.dim_param or dim.dim_value for dim in tensor.shape.dim)
    return value.name, onnx.TensorProto.DataType.Name(tensor.elem_type), sizes
