"""Builders of the CCTA models for export, and sample inputs for their checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from scanserve.contracts import ModelSpec
from scanserve.contracts.ccta import (
    COARSE_SHAPE,
    CROP_SHAPE,
    CROSS_SIZE,
    STEP_MM,
    STEPS,
    VESSELS,
    WORKING_SHAPE,
)
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.networks.ccta.crop import Crop
from scanserve.networks.ccta.evidence import coarse_channels
from scanserve.networks.ccta.normalize import Normalize
from scanserve.networks.ccta.resnet_quality import QualityConfig, ResNet50Quality
from scanserve.networks.ccta.resunet import ResUNet50, ResUNetConfig
from scanserve.networks.ccta.served import served
from scanserve.networks.ccta.windowing import window
from scanserve.networks.weights import load_weights

__all__ = ["BUILDERS", "NETWORKS", "build_network", "samples"]

Tensors = dict[str, npt.NDArray]

#: Architecture and configuration class of every trained model.
NETWORKS: dict[str, tuple[type[nn.Module], type]] = {
    "ccta_stage1": (ResUNet50, ResUNetConfig),
    "ccta_stage2": (ResUNet50, ResUNetConfig),
    "ccta_quality": (ResNet50Quality, QualityConfig),
}


def build_network(name: str, weights_dir: Path) -> nn.Module:
    """The served network ``name`` with the verified weights in ``weights_dir/name``.

    Raises:
        SetupError: codes ``weights-missing``, ``weights-manifest`` and ``weights-sha256``.
    """
    manifest, state = load_weights(weights_dir / name)
    architecture, configuration = NETWORKS[name]
    network = architecture(configuration(**manifest.config))
    network.load_state_dict(state)
    return served(network, name).eval()


#: Model name -> builder, a function of the folder of all weights.
BUILDERS: dict[str, Callable[[Path], nn.Module]] = {
    "ccta_normalize": lambda weights_dir: Normalize().eval(),
    "ccta_crop": lambda weights_dir: Crop().eval(),
    **{name: partial(build_network, name) for name in NETWORKS},
}


def samples(spec: ModelSpec) -> list[tuple[str, Tensors]]:
    """Named inputs for tracing (the first) and parity: random inputs, and inputs that resemble real data."""
    return _SAMPLES[spec.name](np.random.default_rng(2024))


def _volume(rng: np.random.Generator, shape: tuple[int, int, int]) -> npt.NDArray[np.int16]:
    return rng.integers(AIR_HU, MAX_HU + 1, shape, dtype=np.int16)


def _heart_volume(shape: tuple[int, int, int]) -> npt.NDArray[np.int16]:
    """Lungs, a soft-tissue ellipsoid, and a bright ellipsoid inside it, in HU."""
    radius = np.sqrt(sum((axis**2 for axis in _unit_grid(shape)), start=np.float32(0)))
    hu = np.full(shape, -850, dtype=np.int16)
    hu[radius < 0.7] = 60
    hu[radius < 0.3] = 380
    return hu


def _unit_grid(shape: tuple[int, int, int]) -> list[npt.NDArray[np.float32]]:
    return np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in shape), indexing="ij", sparse=True)


def _coarse_maps() -> npt.NDArray[np.float32]:
    """One blob per vessel, each off-centre in a different direction; the last map is empty."""
    z, y, x = _unit_grid(COARSE_SHAPE)
    maps = np.zeros((1, len(VESSELS), *COARSE_SHAPE), dtype=np.float32)
    for vessel, centre in enumerate(((0.1, -0.2, -0.3), (-0.2, -0.1, 0.3))):
        squared = (z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2
        maps[0, vessel] = np.exp(-squared / (2 * 0.15**2))
    return maps


def _vector(*values: float) -> npt.NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


_ORIGIN = _vector(-92.5, -110.25, 31.0)


def _normalize_samples(rng: np.random.Generator) -> list[tuple[str, Tensors]]:
    return [
        ("random", _phase(_volume(rng, (40, 56, 48)), 3.1, 2.7, 2.2)),
        ("real-shaped", _phase(_heart_volume((128, 256, 256)), 0.8, 0.8, 1.0)),
    ]


def _phase(volume: npt.NDArray[np.int16], *spacing: float) -> Tensors:
    return {"volume": volume, "spacing": _vector(*spacing), "origin": _ORIGIN}


def _crop_samples(rng: np.random.Generator) -> list[tuple[str, Tensors]]:
    random = rng.random((1, len(VESSELS), *COARSE_SHAPE), dtype=np.float32)
    return [
        ("random", _frames(_volume(rng, WORKING_SHAPE), random)),
        ("real-shaped", _frames(_heart_volume(WORKING_SHAPE), _coarse_maps())),
    ]


def _frames(working: npt.NDArray[np.int16], maps: npt.NDArray[np.float32]) -> Tensors:
    return {"working": working, "working_origin": _ORIGIN, "coarse_maps": maps}


def _stage1_samples(rng: np.random.Generator) -> list[tuple[str, Tensors]]:
    heart = torch.from_numpy(_heart_volume(WORKING_SHAPE).astype(np.float32))
    return [
        ("random", {"coarse": rng.uniform(-1, 1, (1, 2, *COARSE_SHAPE)).astype(np.float32)}),
        ("real-shaped", {"coarse": coarse_channels(heart)[None].numpy()}),
    ]


def _stage2_samples(rng: np.random.Generator) -> list[tuple[str, Tensors]]:
    shape = (len(VESSELS), 2, *CROP_SHAPE)
    heart = _window(_heart_volume(CROP_SHAPE).astype(np.float32))
    crops = np.stack([np.stack((heart, np.clip(heart, 0, 1)))] * len(VESSELS))
    return [
        ("random", {"crops": rng.uniform(-1, 1, shape).astype(np.float32)}),
        ("real-shaped", {"crops": crops}),
    ]


def _quality_samples(rng: np.random.Generator) -> list[tuple[str, Tensors]]:
    lengths = np.array([[0.0], [55.0], [STEPS * STEP_MM]], dtype=np.float32)
    random = rng.integers(AIR_HU, 1500, (3, STEPS, CROSS_SIZE, CROSS_SIZE), dtype=np.int16)
    return [
        ("random", {"straightened": random, "length": lengths}),
        ("real-shaped", {"straightened": _straightened(lengths[:, 0]), "length": lengths}),
    ]


def _straightened(lengths: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    """A bright tube in fat, cut off at each length."""
    y, x = np.mgrid[:CROSS_SIZE, :CROSS_SIZE] - (CROSS_SIZE - 1) / 2
    section = np.where(np.hypot(y, x) < 4, 400, -80).astype(np.int16)
    filled = np.arange(STEPS) * STEP_MM < lengths[:, None]  # [N, step]
    return np.where(filled[:, :, None, None], section, np.int16(AIR_HU)).astype(np.int16)


def _window(hu: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return window(torch.from_numpy(hu)).numpy()


_SAMPLES: dict[str, Callable[[np.random.Generator], list[tuple[str, Tensors]]]] = {
    "ccta_normalize": _normalize_samples,
    "ccta_crop": _crop_samples,
    "ccta_stage1": _stage1_samples,
    "ccta_stage2": _stage2_samples,
    "ccta_quality": _quality_samples,
}
