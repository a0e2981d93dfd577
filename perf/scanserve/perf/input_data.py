"""Inputs for perf_analyzer, made from the contract: one raw little-endian file per input tensor.

Timing depends mainly on shapes, but a crop follows its heat map.  So a volume in Hounsfield units is a simple body
(lungs, soft tissue, a bright heart) with seeded noise; other inputs are random values in their range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError, ModelSpec, TensorSpec
from scanserve.contracts.ct import AIR_HU, MAX_HU

__all__ = ["make_input", "make_inputs", "write_inputs"]

#: Relative radius and HU of the layers of the body, from outside inward: air, soft tissue, lung, enhanced heart.
_BODY = ((2.0, -1000.0), (0.95, 40.0), (0.75, -850.0), (0.45, 350.0))
_NOISE_HU = 25.0


def make_inputs(
    spec: ModelSpec,
    shapes: Mapping[str, Sequence[int]] | None = None,
    values: Mapping[str, Sequence[float]] | None = None,
    *,
    seed: int = 0,
) -> dict[str, npt.NDArray]:
    """The inputs of a request without the batch axis, by name.

    Args:
        spec: the model.
        shapes: shapes of the inputs with dynamic axes.
        values: the numbers of an input, in C order.
        seed: seed of the noise.

    Raises:
        InputError: codes ``input-shape-missing``, ``tensor-shape``, ``tensor-dtype``.
    """
    rng = np.random.default_rng(seed)
    made = {
        t.name: make_input(t, rng, (shapes or {}).get(t.name), (values or {}).get(t.name))
        for t in spec.inputs
    }
    for tensor in spec.inputs:
        tensor.validate(made[tensor.name])
    return made


def write_inputs(folder: Path, inputs: Mapping[str, npt.NDArray]) -> Path:
    """Write each input as raw bytes into ``folder``, as ``perf_analyzer --input-data`` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in inputs.items():
        (folder / name).write_bytes(np.ascontiguousarray(array).tobytes())
    return folder


def make_input(
    tensor: TensorSpec,
    rng: np.random.Generator,
    shape: Sequence[int] | None = None,
    values: Sequence[float] | None = None,
) -> npt.NDArray:
    """One input; see :func:`make_inputs`."""
    size = _shape(tensor, shape)
    if values is not None:
        return _filled(tensor, size, values)
    if tensor.unit == "HU" and len(size) == len(_ZYX):
        return _body(size, rng).astype(tensor.numpy_dtype)
    low, high = tensor.drawn_from
    return rng.uniform(low, high, size).astype(tensor.numpy_dtype)


_ZYX = "zyx"


def _shape(tensor: TensorSpec, shape: Sequence[int] | None) -> tuple[int, ...]:
    if shape is None and -1 in tensor.shape:
        raise InputError(
            "input-shape-missing", f"input {tensor.name!r} has dynamic axes, so its shape must be given."
        )
    return tuple(tensor.shape if shape is None else shape)


def _filled(tensor: TensorSpec, size: tuple[int, ...], values: Sequence[float]) -> npt.NDArray:
    if len(values) != int(np.prod(size)):
        raise InputError(
            "tensor-shape", f"input {tensor.name!r} needs {int(np.prod(size))} numbers but got {len(values)}."
        )
    return np.asarray(values, tensor.numpy_dtype).reshape(size)


def _body(shape: Sequence[int], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Nested ellipsoids in HU with noise, int16 range, axes ``[z, y, x]``."""
    axes = np.ogrid[tuple(slice(-1, 1, complex(0, size)) for size in shape)]
    radius = np.sqrt(sum((axis.astype(np.float32) ** 2 for axis in axes), start=np.float32(0)))
    hu = np.zeros(tuple(shape), np.float32)
    for limit, value in _BODY:
        hu[radius < limit] = value
    hu += rng.standard_normal(hu.shape, np.float32) * _NOISE_HU
    return np.clip(hu, AIR_HU, MAX_HU)
