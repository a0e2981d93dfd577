"""The tensors of DaTSCAN denoising; see :mod:`scanserve.contracts.dat` for the conventions."""

from __future__ import annotations

from scanserve.contracts.dat.facts import IMAGE_SIZE, REFERENCE_MINUTES, SHORT_MINUTES
from scanserve.contracts.tensor import Axis, TensorSpec

__all__ = ["RESTORED", "SHORT"]

_IMAGE = (Axis("channel", 1), Axis("row", IMAGE_SIZE), Axis("column", IMAGE_SIZE))

SHORT = TensorSpec(
    "slices",
    "FP32",
    _IMAGE,
    f"Centre of a transaxial slice of the {SHORT_MINUTES}-minute acquisition, divided by the slice's greatest "
    "count.",
    low=0,
    high=1,
    frame="as acquired",
)
RESTORED = TensorSpec(
    "restored",
    "FP32",
    _IMAGE,
    f"The slice as {REFERENCE_MINUTES} minutes would show it, on the scale of the input; never negative.",
    low=0,
    frame="as acquired",
)
