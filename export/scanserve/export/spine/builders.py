"""Builders of the vertebra models for export, and sample inputs for their checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import nn

from scanserve.contracts import ModelSpec
from scanserve.contracts.spine import IMAGE_SHAPE, POINTS, PREPARE
from scanserve.networks.spine import CONFIGS, Prepare, ServedSpine, build
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
    return ServedSpine(network).eval()


#: Model name -> builder, a function of the folder of all weights.
BUILDERS: dict[str, Callable[[Path], nn.Module]] = {
    PREPARE: lambda weights_dir: Prepare().eval(),
    **{name: partial(build_network, name) for name in CONFIGS},
}


def samples(spec: ModelSpec) -> list[tuple[str, Tensors]]:
    """Named inputs for tracing (the first) and parity: random inputs, and inputs that resemble real data."""
    rng = np.random.default_rng(2024)
    return _films(rng) if spec.name == PREPARE else _images(rng)


def _films(rng: np.random.Generator) -> list[tuple[str, Tensors]]:
    random = rng.random((1, 1, 700, 300), dtype=np.float32)
    real = _spine(rng, 1800, 700)[None, None]
    boxes = np.array([[0, 0, 700, 1800], [-100, -50, 500, 2000]], np.float32)  # the second: beyond the film
    return [
        ("random", {"film": random, "box": np.array([[20.5, 31.0, 280.0, 650.0]], np.float32)}),
        ("real-shaped", {"film": np.concatenate([real, real[..., ::-1]]), "box": boxes}),
    ]


def _images(rng: np.random.Generator) -> list[tuple[str, Tensors]]:
    random = rng.random((2, 1, *IMAGE_SHAPE), dtype=np.float32)
    spine = np.stack([_spine(rng, *IMAGE_SHAPE)[None]] * 3)
    return [
        ("random", {"image": random, **_readings(rng, 2, 0)}),
        ("real-shaped", {"image": spine, **_readings(rng, 3, 5)}),
    ]


def _readings(rng: np.random.Generator, count: int, hints: int) -> Tensors:
    """Hints and previous points: in film ``n``, ``n * hints`` points are fixed."""
    limit = np.array([IMAGE_SHAPE[1] - 1, IMAGE_SHAPE[0] - 1, 1])
    fixed = (np.arange(POINTS)[None] < hints * np.arange(count)[:, None])[..., None]
    points = rng.random((count, POINTS, 3)) * limit
    points[..., 2] = 1
    moved = points + np.array([3.0, -4.0, 0.0])
    return {
        "hints": (points * fixed).astype(np.float32),
        "previous": (np.clip(moved, 0, limit) * fixed).astype(np.float32),
    }


def _spine(rng: np.random.Generator, rows: int, columns: int) -> npt.NDArray[np.float32]:
    """A column of bright blocks in grey tissue between dark lungs, with noise: without it, peaks would tie."""
    y, x = np.mgrid[:rows, :columns]
    middle = columns * (0.5 + 0.06 * np.sin(2 * np.pi * y / rows))
    inside = np.abs(x - middle) < 0.08 * columns
    bodies = inside & (np.mod(18 * y / rows, 1) < 0.7)
    lungs = (np.abs(x - columns / 2) > 0.15 * columns) & (y < 0.55 * rows)
    noise = rng.normal(0, 0.02, (rows, columns))
    return np.clip(0.4 - 0.25 * lungs + 0.35 * bodies + 0.05 * inside + noise, 0, 1).astype(np.float32)
