"""The values of small inputs: finite, and in the range of their contract.

Only tensors of a few numbers are read (spacing, origin, length), of which one wrong number makes nonsense of
a whole volume.  Their bytes are copied once, and Triton gets that copy: whoever shares the memory cannot change
them in between.
"""

from __future__ import annotations

import math

import numpy as np

from scanserve.contracts import TensorSpec
from scanserve.server.gate.head import Input
from scanserve.server.gate.refusal import invalid

__all__ = ["check_values", "is_small"]

#: Numbers of the largest tensor that is read.
_FEW = 64


def is_small(contract: TensorSpec) -> bool:
    """Whether the values of this tensor are checked: it has a few numbers, whatever the request."""
    sizes = [axis.size for axis in contract.axes]
    return all(size is not None for size in sizes) and math.prod(size or 0 for size in sizes) <= _FEW


def check_values(contract: TensorSpec, tensor: Input, content: bytes) -> None:
    """Hold the numbers in ``content`` to the contract.

    Raises:
        Refusal: ``INVALID_ARGUMENT`` where one is not finite or outside of the range that is stated.
    """
    values = np.frombuffer(content, contract.numpy_dtype)
    if not np.isfinite(values).all():
        raise invalid(f"input {tensor.name!r} must hold finite numbers.")
    too_low = contract.low is not None and bool((values < contract.low).any())
    too_high = contract.high is not None and bool((values > contract.high).any())
    if too_low or too_high:
        bounds = " and ".join(
            f"at {word} {bound:g}"
            for word, bound in (("least", contract.low), ("most", contract.high))
            if bound is not None
        )
        raise invalid(f"input {tensor.name!r} must hold numbers of {bounds} {contract.unit}.")
