"""Builders of the DaTSCAN denoising models for export, and sample inputs for their checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import nn

from scanserve.contracts import ModelSpec
from scanserve.contracts.dat import IMAGE_SIZE, SLICES
from scanserve.networks.dat import CONFIGS, ServedDenoise, build
from scanserve.networks.weights import load_weights

__all__ = ["BUILDERS", "build_network", "samples"]

Tensors = dict[str, npt.NDArray]


def build_network(name: str, weights_dir: Path) -> nn.Module:
    """The served network ``name`` with the verified weights in ``weights_dir/name``.

    Raises:
        SetupError: codes ``weights-missing``, ``weights-manifest`` and ``weights-sha256``.
    """
    manifest, state = load_weights(weights_dir / name)
    network = build(name, manifest.config)
    network.load_state_dict(state)
    return ServedDenoise(network).eval()


#: Model name -> builder, a function of the folder of all weights.
BUILDERS: dict[str, Callable[[Path], nn.Module]] = {name: partial(build_network, name) for name in CONFIGS}


def samples(spec: ModelSpec) -> list[tuple[str, Tensors]]:
    """Named inputs for tracing (the first) and parity: random inputs, and inputs that resemble real data."""
    rng = np.random.default_rng(2024)
    random = rng.random((3, 1, IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
    return [("random", {"slices": random}), ("real-shaped", {"slices": _head(rng)})]


def _head(rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """The slices of a patient: a faint head, two bright striata as ellipses, and counting noise."""
    y, x = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE] - (IMAGE_SIZE - 1) / 2
    head = 4.0 * (np.hypot(y / 26, x / 21) < 1)
    striata = sum(25.0 * (np.hypot((y + 2) / 6, (x - side) / 3) < 1) for side in (-6, 6))
    counts = rng.poisson(np.broadcast_to(head + striata, (SLICES, 1, IMAGE_SIZE, IMAGE_SIZE)))
    return (counts / counts.max(axis=(1, 2, 3), keepdims=True)).astype(np.float32)
