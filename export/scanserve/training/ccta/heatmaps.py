"""Recipes of the two heat-map networks: stage 1 on coarse volumes, stage 2 on patches of crops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor, nn

from scanserve.contracts.ccta import COARSE_SPACING_MM, CROP_SPACING_MM, VESSELS
from scanserve.networks import ResUNet50, ResUNetConfig
from scanserve.training.bank import Bank
from scanserve.training.ccta.augment import degrade_prior, vary_hu, window
from scanserve.training.ccta.heartbank import heart_bank
from scanserve.training.ccta.seeds import TRAIN, VALIDATION
from scanserve.training.losses import l1_masked_bce
from scanserve.training.recipe import Recipe

__all__ = ["STAGE1_RECIPE", "STAGE2_RECIPE"]

DATA = "synthetic beating-heart phantoms (scanserve.phantoms.heart), exact truth; no patient data"
#: Edge of a stage-2 training patch, voxels, and patches a step.
PATCH, PATCHES = 64, 3
#: How many held-out hearts a validation looks at.
HELD_OUT = 6


class CoarseSamples:
    """Stage 1: one whole coarse volume a step, randomly shifted, noise and contrast varied."""

    def __init__(self, cache: Path, studies: int, seed: int) -> None:
        self.bank = heart_bank(cache, TRAIN, studies)
        self.seed = seed

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the hearts."""
        self.bank.prepare(progress)

    def batch(self, step: int) -> dict[str, Tensor]:
        """``image`` [1, 1, 96, 96, 96] and ``target`` [1, 3, 96, 96, 96]."""
        rng = np.random.default_rng((self.seed, step))
        item = self.bank.read(int(rng.integers(len(self.bank))))
        shift = rng.integers(-6, 7, 3)
        image = window(vary_hu(_roll(item["coarse"], shift, -1024), rng, sigma=(1.0, 14.0)))
        target = _roll(item["coarse_maps"], shift, 0).astype(np.float32) / 255
        return _tensors(image=image[None, None], target=target[None])


class PatchSamples:
    """Stage 2: patches at crop resolution, most of them around the vessel, with a degraded coarse map."""

    def __init__(self, cache: Path, studies: int, seed: int) -> None:
        self.bank = heart_bank(cache, TRAIN, studies)
        self.seed = seed

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the hearts."""
        self.bank.prepare(progress)

    def batch(self, step: int) -> dict[str, Tensor]:
        """``image`` [N, 2, p, p, p] (CT, coarse map) and ``target`` [N, 1, p, p, p]."""
        rng = np.random.default_rng((self.seed, step, 2))
        patches = [self._patch(rng) for _ in range(PATCHES)]
        images, targets = zip(*patches, strict=True)
        return _tensors(image=np.stack(images), target=np.stack(targets)[:, None])

    def _patch(self, rng: np.random.Generator) -> tuple[npt.NDArray, npt.NDArray]:
        item = self.bank.read(int(rng.integers(len(self.bank))))
        vessel = int(rng.integers(len(VESSELS)))
        corner = _corner(item["cube_maps"][vessel], rng)
        box = tuple(slice(int(low), int(low) + PATCH) for low in corner)
        image = window(vary_hu(item["cube"][box], rng, sigma=(2.0, 22.0)))
        origin = item["cube_origin"] + corner[::-1] * CROP_SPACING_MM
        prior = degrade_prior(prior_on(item, vessel, origin, PATCH, rng.uniform(-2, 2, 3)), rng)
        return np.stack([image, prior]), item["cube_maps"][vessel][box].astype(np.float32) / 255


def prior_on(
    item: Mapping[str, npt.NDArray], vessel: int, origin: npt.NDArray, size: int, shift: npt.NDArray
) -> npt.NDArray[np.float32]:
    """A vessel's coarse map, shifted by ``shift`` mm (x, y, z), on a cube of crop resolution at ``origin``."""
    start = ((origin + shift - item["coarse_origin"]) / COARSE_SPACING_MM)[::-1]
    ratio = CROP_SPACING_MM / COARSE_SPACING_MM
    coarse = item["coarse_maps"][vessel].astype(np.float32) / 255
    return ndimage.affine_transform(coarse, np.full(3, ratio), start, (size,) * 3, order=1, output=np.float32)


def _corner(maps: npt.NDArray, rng: np.random.Generator) -> npt.NDArray:
    """The low corner of a patch: three times in four around a random hot voxel, else anywhere."""
    largest = np.array(maps.shape) - PATCH
    if rng.uniform() < 0.75:
        hot = np.flatnonzero(maps[::2, ::2, ::2] > 128)
        if hot.size:
            centre = 2 * np.array(np.unravel_index(rng.choice(hot), tuple((n + 1) // 2 for n in maps.shape)))
            return np.clip(centre - PATCH // 2 + rng.integers(-24, 25, 3), 0, largest)
    return rng.integers(0, largest + 1)


def _roll(image: npt.NDArray, shift: npt.NDArray, fill: int) -> npt.NDArray:
    """Shift the last three axes by whole voxels, filling what comes in."""
    result = np.full_like(image, fill)
    source = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(shift, image.shape[-3:], strict=True))
    target = tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(shift, image.shape[-3:], strict=True))
    result[(..., *target)] = image[(..., *source)]
    return result


def _tensors(**arrays: npt.NDArray) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.ascontiguousarray(array, np.float32)) for name, array in arrays.items()}


def _build(config: Mapping[str, Any]) -> nn.Module:
    return ResUNet50(ResUNetConfig(**config))


def _loss(model: nn.Module, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    image = batch["image"].contiguous(memory_format=torch.channels_last_3d)
    return l1_masked_bce(model(image).float(), batch["target"])


def _overlap(prediction: Tensor, target: Tensor) -> float:
    """Dice coefficient of the two maps at half height."""
    mine, truth = prediction > 0.5, target > 0.5
    return float(2 * (mine & truth).sum() / (mine.sum() + truth.sum()).clamp_min(1))


@torch.no_grad()
def _validate(samples: CoarseSamples | PatchSamples, bank: Bank, model: nn.Module) -> dict[str, float]:
    samples.bank = bank
    scores = []
    for step in range(HELD_OUT):
        batch = samples.batch(step)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(batch["image"].contiguous(memory_format=torch.channels_last_3d)).float()
        scores.append(_overlap(torch.sigmoid(logits), batch["target"]))
    return {"validation_dice": float(np.mean(scores))}


def _held_out(
    kind: type[CoarseSamples] | type[PatchSamples],
) -> Callable[[nn.Module, Path], dict[str, float]]:
    def validate(model: nn.Module, cache: Path) -> dict[str, float]:
        bank = heart_bank(cache, VALIDATION, HELD_OUT)
        bank.prepare()
        return _validate(kind(cache, 1, 0), bank, model)

    return validate


STAGE1_RECIPE = Recipe(
    model="ccta_stage1",
    config={"in_channels": 1, "out_channels": len(VESSELS), "width": 8},
    build=_build,
    samples=CoarseSamples,
    loss=_loss,
    validate=_held_out(CoarseSamples),
    steps=1400,
    studies=160,
    learning_rate=3e-3,
    data=DATA,
)
STAGE2_RECIPE = Recipe(
    model="ccta_stage2",
    config={"in_channels": 2, "out_channels": 1, "width": 8},
    build=_build,
    samples=PatchSamples,
    loss=_loss,
    validate=_held_out(PatchSamples),
    steps=2600,
    studies=160,
    learning_rate=3e-3,
    data=DATA,
)
