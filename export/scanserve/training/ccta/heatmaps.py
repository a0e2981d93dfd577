"""Recipes of the two heat-map networks: stage 1 on coarse volumes, stage 2 on patches of crops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import VESSELS
from scanserve.networks.ccta import ResUNet50, ResUNetConfig
from scanserve.training.ccta.banks import worlds_for
from scanserve.training.ccta.priorbank import prior_bank
from scanserve.training.ccta.seeds import TRAIN, TRAIN_STAGE2, VALIDATION, Split
from scanserve.training.ccta.variation import coarse_pair, prior_for, varied
from scanserve.training.losses import l1_masked_bce
from scanserve.training.precision import measured
from scanserve.training.recipe import Recipe, Sources

__all__ = ["STAGE1_RECIPE", "STAGE2_RECIPE"]

DATA = "randomised worlds of synthetic phantom hearts (scanserve.phantoms.ccta), exact truth"
UNLIKE = "Real anatomy, noise, contrast timing, plaque, stents, bypass grafts and reconstruction artefacts"
#: Patches per step of stage 2.
PATCHES = 3
#: Number of held-out worlds in a validation, and of batches drawn from them.
HELD_OUT, HELD_OUT_BATCHES = 12, 24


class CoarseSamples:
    """Stage 1: one whole coarse grid per step, randomly shifted, with varied contrast."""

    def __init__(self, sources: Sources, studies: int, seed: int, split: Split = TRAIN) -> None:
        self.bank = worlds_for(sources, split, studies)
        self.seed = seed

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the worlds."""
        self.bank.prepare(progress)

    def batch(self, step: int) -> dict[str, Tensor]:
        """``image`` [1, 2, 96, 96, 96] and ``target`` [1, 3, 96, 96, 96]."""
        rng = np.random.default_rng((self.seed, step))
        item = self.bank.read(int(rng.integers(len(self.bank))))
        image, target = coarse_pair(_tensor(item["coarse"]), _tensor(item["coarse_maps"]), rng)
        return {"image": image[None], "target": target[None]}


class PatchSamples:
    """Stage 2: patches at crop resolution, mostly around the vessel, with the map of stage 1 or a similar map."""

    def __init__(self, sources: Sources, studies: int, seed: int, split: Split = TRAIN_STAGE2) -> None:
        self.bank = worlds_for(sources, split, studies)
        self.priors = prior_bank(sources.cache, self.bank, sources.weights / "ccta_stage1")
        self.seed = seed

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the worlds, then their maps by stage 1."""
        self.bank.prepare(progress)
        self.priors.prepare(progress)

    def batch(self, step: int) -> dict[str, Tensor]:
        """``image`` [N, 2, p, p, p] (CT, coarse map) and ``target`` [N, 1, p, p, p]."""
        rng = np.random.default_rng((self.seed, step, 2))
        patches = [self._patch(rng) for _ in range(PATCHES)]
        images, targets = zip(*patches, strict=True)
        return {"image": torch.stack(images), "target": torch.stack(targets)[:, None]}

    def _patch(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        index = int(rng.integers(len(self.bank)))
        item = self.bank.read(index)
        number = int(rng.integers(len(item["vessels"])))
        corner, vessel = item["corners"][number].astype(int), int(item["vessels"][number])
        image = varied(_tensor(item["patches"][number])[None].float() / 127.5 - 1, rng)[0]
        answer = _tensor(self.priors.read(index)["priors"][vessel]).float() / 255
        prior = prior_for(answer, _tensor(item["coarse_maps"][vessel]), corner, rng)
        return torch.stack([image, prior]), _tensor(item["patch_maps"][number]).float() / 255


def _tensor(stored: npt.NDArray) -> Tensor:
    """A stored array, which is read-only, as a tensor."""
    return torch.from_numpy(np.array(stored))


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
def _validate(samples: CoarseSamples | PatchSamples, model: nn.Module) -> dict[str, float]:
    samples.prepare()
    scores = []
    for step in range(HELD_OUT_BATCHES):
        batch = samples.batch(step)
        with measured("cpu").context():
            logits = model(batch["image"].contiguous(memory_format=torch.channels_last_3d)).float()
        scores.append(_overlap(torch.sigmoid(logits), batch["target"]))
    return {"validation_dice": float(np.mean(scores))}


def _held_out(
    kind: type[CoarseSamples] | type[PatchSamples],
) -> Callable[[nn.Module, Sources], Mapping[str, float]]:
    """Validation on worlds of held-out hearts, never in the CTs that were trained on."""
    return lambda model, sources: _validate(
        kind(replace(sources, hosts=None), HELD_OUT, 0, VALIDATION), model
    )


STAGE1_RECIPE = Recipe(
    model="ccta_stage1",
    config={"in_channels": 2, "out_channels": len(VESSELS), "width": 8},
    build=_build,
    samples=CoarseSamples,
    loss=_loss,
    validate=_held_out(CoarseSamples),
    steps=2600,
    studies=1200,
    learning_rate=3e-3,
    data=DATA,
    unlike=UNLIKE,
)
STAGE2_RECIPE = Recipe(
    model="ccta_stage2",
    config={"in_channels": 2, "out_channels": 1, "width": 8},
    build=_build,
    samples=PatchSamples,
    loss=_loss,
    validate=_held_out(PatchSamples),
    steps=4000,
    studies=1200,
    learning_rate=3e-3,
    data=DATA,
    unlike=UNLIKE,
)
