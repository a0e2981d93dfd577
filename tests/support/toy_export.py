"""A tiny model with a contract, to test the exporter without a network."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from scanserve.contracts import Axis, ModelSpec, TensorSpec

N = (Axis("n"),)
SPEC = ModelSpec(
    "toy",
    "Twice the values and their rounded bytes.",
    "graph",
    (TensorSpec("values", "FP32", N, "Any values."),),
    (TensorSpec("twice", "FP32", N, "Twice."), TensorSpec("bytes", "UINT8", N, "Rounded.")),
)


class Toy(nn.Module):
    """``values`` to ``twice`` and ``bytes``."""

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Double; and round."""
        return values * 2, torch.floor(values + 0.5).to(torch.uint8)


def sample(size: int = 5) -> dict[str, np.ndarray]:
    """Inputs of the toy."""
    return {"values": np.arange(size, dtype=np.float32)}
