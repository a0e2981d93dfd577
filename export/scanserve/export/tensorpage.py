"""The tensor reference as Markdown: inputs and outputs of every served model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scanserve.contracts import APPLICATIONS, Application, Deployment, ModelSpec, TensorSpec
from scanserve.export.markdown import table

__all__ = ["render_tensors"]

_INTRODUCTION = """\
<!-- Generated from the contracts by `scanserve export docs`; do not edit. -->

# Tensor reference

What every served model takes and returns, for people who call the server from any language.
[grpc.md](grpc.md) shows worked examples.

- Data types are KServe v2 names; bytes are little endian, in C order (the last axis runs fastest).
- An axis without a number is of any size from 1 to 2048. A model with dynamic batching takes one more axis,
  the batch, in front of the axes listed here.
- Volumes and maps are indexed `[z, y, x]`; the axes grow toward superior, posterior and left (DICOM's LPS
  patient frame). Physical vectors are `(x, y, z)` in millimetres, LPS. An origin is the centre of voxel
  `[0, 0, 0]`.
"""

_TENSOR_HEAD = ("name", "type", "axes", "unit", "range", "frame", "meaning")
_STEP_HEAD = ("step", "model", "takes", "gives")
_PLACE_HEAD = ("configuration", "backend", "device", "instances", "file")


def render_tensors(applications: Iterable[Application] = APPLICATIONS) -> str:
    """Render the page as Markdown."""
    return "\n".join([_INTRODUCTION, *map(_application, applications)]).rstrip() + "\n"


def _application(application: Application) -> str:
    return "\n".join([f"## {application.title}\n", *map(_model, application.models)])


def _model(spec: ModelSpec) -> str:
    parts = [
        f"### `{spec.name}`\n",
        f"{spec.summary}\n",
        f"{_batching(spec)}\n",
        _titled("Inputs", _TENSOR_HEAD, map(_tensor_row, spec.inputs)),
        _titled("Outputs", _TENSOR_HEAD, map(_tensor_row, spec.outputs)),
        _steps(spec) if spec.steps else _places(spec),
    ]
    return "\n".join(parts)


def _batching(spec: ModelSpec) -> str:
    if not spec.batched:
        return "One request, one inference: no batch axis."
    waiting = (
        f"requests wait at most {spec.queue_delay_us / 1000:g} ms for company."
        if spec.queue_delay_us
        else "requests that come while the model is busy are computed together."
    )
    return f"Dynamic batching: a leading batch axis of 1 to {spec.max_batch_size}; {waiting}"


def _tensor_row(tensor: TensorSpec) -> tuple[str, ...]:
    axes = "[" + ", ".join(map(str, tensor.axes)) + "]"
    if tensor.most_bytes is not None:
        axes += f", at most {tensor.most_bytes:,} bytes"
    name, values = f"`{tensor.name}`", _values(tensor)
    return (name, tensor.dtype, axes, tensor.unit, values, tensor.frame, tensor.description)


def _values(tensor: TensorSpec) -> str:
    """The valid range in words; a tensor with an upper bound also has a lower bound, as a test ensures."""
    if tensor.low is None:
        return ""
    if tensor.high is None:
        return f">= {tensor.low:g}"
    return f"{tensor.low:g}..{tensor.high:g}"


def _steps(spec: ModelSpec) -> str:
    rows = (
        (str(number), f"`{step.model}`", _names(step.inputs.values()), _names(step.outputs.values()))
        for number, step in enumerate(spec.steps, 1)
    )
    return _titled("Steps", _STEP_HEAD, rows)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _places(spec: ModelSpec) -> str:
    rows = (
        (name, place.backend, place.kind.removeprefix("KIND_"), str(place.instances), _file(place))
        for name, place in spec.deployments.items()
    )
    return _titled("Runs on", _PLACE_HEAD, rows)


def _file(place: Deployment) -> str:
    return f"`{place.file}`" if not place.capability_files else _names(place.capability_files.values())


def _titled(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return f"**{title}**\n\n{table(head, rows)}"
