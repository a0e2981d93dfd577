"""The contract of a tensor: name, data type, axes, unit, range and frame."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts.errors import InputError

__all__ = ["DTYPES", "Axis", "TensorSpec"]

#: KServe v2 data type -> numpy dtype, for the types in use.
DTYPES: Mapping[str, np.dtype] = {
    "UINT8": np.dtype(np.uint8),
    "INT16": np.dtype(np.int16),
    "INT32": np.dtype(np.int32),
    "FP16": np.dtype(np.float16),
    "FP32": np.dtype(np.float32),
}


@dataclass(frozen=True)
class Axis:
    """A named axis; ``size=None`` allows any size from 1 to ``maximum``."""

    name: str
    size: int | None = None
    maximum: int = 2048

    def __str__(self) -> str:
        return self.name if self.size is None else f"{self.name}={self.size}"


@dataclass(frozen=True)
class TensorSpec:
    """One input or output tensor.

    ``axes`` excludes the batch axis of a model whose ``max_batch_size`` is positive.
    ``low`` and ``high`` bound the valid values in ``unit``; None means no bound, and ``low_excluded`` makes ``low``
    itself invalid.  ``typical`` is the part of that range from which synthetic inputs are drawn, where the whole range
    is wider than what occurs.  ``most_bytes`` bounds the whole tensor where the largest axes together would be too
    much.  :meth:`validate` checks ``dtype`` (a KServe v2 name) and ``axes``, but not values.
    """

    name: str
    dtype: str
    axes: tuple[Axis, ...]
    description: str
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    frame: str = ""
    typical: tuple[float, float] | None = None
    most_bytes: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Axis sizes in Triton's notation, -1 for a dynamic axis."""
        return tuple(-1 if axis.size is None else axis.size for axis in self.axes)

    @property
    def numpy_dtype(self) -> np.dtype:
        """The numpy dtype of :attr:`dtype`."""
        return DTYPES[self.dtype]

    @property
    def drawn_from(self) -> tuple[float, float]:
        """The range of synthetic values: ``typical``, else the valid one, else 0 to 1."""
        if self.typical is not None:
            return self.typical
        return (0.0, 1.0) if self.low is None or self.high is None else (self.low, self.high)

    @property
    def largest_bytes(self) -> int:
        """Bytes of the largest valid tensor, without a batch axis."""
        count = math.prod(axis.maximum if axis.size is None else axis.size for axis in self.axes)
        largest = count * self.numpy_dtype.itemsize
        return largest if self.most_bytes is None else min(largest, self.most_bytes)

    def validate(self, array: npt.NDArray, *, batched: bool = False) -> None:
        """Check the data type and the shape of an array.

        Args:
            array: a tensor to send or received.
            batched: whether the first axis is the batch axis.

        Raises:
            InputError: code ``tensor-dtype`` or ``tensor-shape``.
        """
        if array.dtype != self.numpy_dtype:
            raise InputError(
                "tensor-dtype", f"tensor {self.name!r} must be {self.dtype} but is {array.dtype.name}."
            )
        shape = array.shape[1:] if batched else array.shape
        if len(shape) != len(self.axes) or not all(map(_fits, self.axes, shape)):
            expected = ", ".join(map(str, self.axes))
            raise InputError(
                "tensor-shape", f"tensor {self.name!r} must have axes ({expected}) but has shape {shape}."
            )


def _fits(axis: Axis, size: int) -> bool:
    return size == axis.size if axis.size is not None else 1 <= size <= axis.maximum
