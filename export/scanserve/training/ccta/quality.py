"""Recipe of the quality network: soft cross-entropy and RankNet of the vessel and of its sections, pairwise margin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import QUALITY_CLASSES, STEP_MM, STEPS
from scanserve.contracts.ct import AIR_HU
from scanserve.networks.ccta import QualityConfig, ResNet50Quality
from scanserve.training.ccta.augment import fine_noise, soften, turned, vary_hu, window
from scanserve.training.ccta.banks import vessels_for
from scanserve.training.ccta.heatmaps import UNLIKE
from scanserve.training.ccta.seeds import TRAIN, VALIDATION
from scanserve.training.ccta.vesselbank import NOISE_STEPS, soft_classes
from scanserve.training.losses import pairwise_margin, ranknet, soft_cross_entropy
from scanserve.training.precision import measured
from scanserve.training.recipe import Recipe, Sources

__all__ = ["QUALITY_RECIPE"]

#: Groups (one vessel of one study) per step, and phases drawn from each.
GROUPS, DRAWN = 3, 6
HELD_OUT = 8
#: Softest additional kernel, mm; half of the groups get none.  Scans have kernels of their own; more would hide the
#: small motion by which the best phases differ.
SOFTEST_MM = 0.25
#: Standard deviation of the noise in a voxel, HU; every phase of a group has its own, between two such values.
NOISE_HU = (4.0, 50.0)


class VesselSamples:
    """Groups of phases of the same vessel, which the ranking losses compare."""

    def __init__(self, sources: Sources, studies: int, seed: int) -> None:
        self.bank = vessels_for(sources, TRAIN, studies)
        self.seed = seed

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the studies."""
        self.bank.prepare(progress)

    def batch(self, step: int) -> dict[str, Tensor]:
        """``image`` [G P, 1, step, row, column], ``valid`` [G P, S], ``blur`` [G, P], ``section_blur`` [G P, S] (NaN
        where a section is not valid), and the soft classes of both."""
        rng = np.random.default_rng((self.seed, step))
        groups = []
        for _ in range(GROUPS):
            item = self.bank.read(int(rng.integers(len(self.bank))))
            vessel = int(rng.choice(np.flatnonzero(_graded(item).any(axis=1))))
            phases = np.flatnonzero(_graded(item)[vessel])
            groups.append(_group(item, vessel, rng.choice(phases, DRAWN, len(phases) < DRAWN), rng))
        return collate(groups)


def _graded(item: Mapping[str, npt.NDArray]) -> npt.NDArray[np.bool_]:
    """Mask [V, P] of vessels and phases with a truth: all of a phantom, the graded ones of a patient."""
    return np.isfinite(item["blur"])


def _group(
    item: Mapping[str, npt.NDArray], vessel: int, phases: npt.NDArray, rng: np.random.Generator
) -> dict[str, npt.NDArray]:
    """Random phases of one vessel, with the same softness and orientation, each with noise of its own strength."""
    between, softness = np.sort(rng.uniform(*NOISE_HU, 2)), max(0.0, rng.uniform(-SOFTEST_MM, SOFTEST_MM))
    orientation = rng.integers(0, 2, 3)
    images = [_varied(item, vessel, p, softness, rng.uniform(*between), rng) for p in phases]
    return {
        "image": window(np.stack([turned(image, *orientation) for image in images]))[:, None],
        "blur": item["blur"][vessel, phases],
        "section_blur": item["section_blur"][vessel, phases],
    }


def _varied(
    item: Mapping[str, npt.NDArray],
    vessel: int,
    phase: int,
    softness: float,
    strength: float,
    rng: np.random.Generator,
) -> npt.NDArray:
    """A vessel in a phase: softer, with another gain and offset, and with noise of its scan if that has some."""
    image = item["images"][vessel, phase]
    noise = _scan_noise(item, vessel, rng) if "noise" in item else fine_noise(image.shape, rng)
    soft = vary_hu(soften(image, softness), rng) + noise * np.float32(strength)
    return np.where(image == AIR_HU, AIR_HU, soft)


def _scan_noise(item: Mapping[str, npt.NDArray], vessel: int, rng: np.random.Generator) -> npt.NDArray:
    """Noise of the scan of a vessel [step, row, column]: of a random phase, from a random step on."""
    phase = int(rng.integers(item["noise"].shape[1]))
    filled = round(float(item["length"][vessel, phase]) / STEP_MM)
    steps = (np.arange(STEPS) + rng.integers(filled)) % filled
    return item["noise"][vessel, phase][steps] / np.float32(NOISE_STEPS)


def collate(groups: list[dict[str, npt.NDArray]]) -> dict[str, Tensor]:
    """Stack groups of equal size into one batch of tensors."""
    section_blur = np.concatenate([g["section_blur"] for g in groups])
    blur = np.stack([g["blur"] for g in groups])
    arrays = {
        "image": np.concatenate([g["image"] for g in groups]),
        "valid": np.isfinite(section_blur),
        "blur": blur,
        "section_blur": section_blur,
        "classes": soft_classes(blur.reshape(-1)),
        "section_classes": np.moveaxis(soft_classes(section_blur), -1, 1),
    }
    return {name: torch.from_numpy(np.ascontiguousarray(array, np.float32)) for name, array in arrays.items()}


def _build(config: Mapping[str, Any]) -> nn.Module:
    return ResNet50Quality(QualityConfig(**config))


def _loss(model: nn.Module, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    image = batch["image"].contiguous(memory_format=torch.channels_last_3d)
    output = model(image, batch["valid"])
    score = output.ranking.float().reshape(batch["blur"].shape)
    terms = {
        "class": soft_cross_entropy(output.class_logits.float(), batch["classes"]),
        "section": soft_cross_entropy(output.cam.float(), batch["section_classes"], batch["valid"]),
        "margin": pairwise_margin(score, batch["blur"]),
        "ranknet": ranknet(score, batch["blur"]),
        "order": _section_order(output.cam.float(), batch["section_blur"], len(batch["blur"])),
    }
    return terms | {"total": torch.stack(list(terms.values())).sum()}


def _section_order(cam: Tensor, blur: Tensor, groups: int) -> Tensor:
    """RankNet on every pair of sections of a vessel, in one phase or in two.

    Soft classes say the same of all motion below the centre of the best class; their cross-entropy leaves the order of
    the sharpest sections to chance.
    """
    return ranknet(quality_logit(cam).reshape(groups, -1), blur.reshape(groups, -1))


def quality_logit(cam: Tensor) -> Tensor:
    """The logit [N, S] of the weighted quality that is served for each section, from class logits [N, class, S]."""
    weight = torch.tensor([grade.weight for grade in QUALITY_CLASSES], device=cam.device)[
        :, None
    ]  # [class, 1]
    return torch.logsumexp(cam + weight.log(), dim=1) - torch.logsumexp(cam + (1 - weight).log(), dim=1)


@torch.no_grad()
def _validate(model: nn.Module, sources: Sources) -> dict[str, float]:
    """Fraction of held-out vessels whose first-ranked phase is the best, or within 0.1 mm of the best."""
    bank = vessels_for(sources, VALIDATION, HELD_OUT)
    bank.prepare()
    rng = np.random.default_rng(0)
    top1, near = [], []
    for index in range(len(bank)):
        item = bank.read(index)
        for vessel in np.flatnonzero(_graded(item).any(axis=1)):
            batch = collate([_group(item, int(vessel), np.flatnonzero(_graded(item)[vessel]), rng)])
            with measured("cpu").context():
                score = model(batch["image"], batch["valid"]).ranking.float().reshape(-1).numpy()
            blur = batch["blur"][0].numpy()
            top1.append(score.argmax() == blur.argmin())
            near.append(blur[score.argmax()] <= blur.min() + 0.1)
    return {"validation_top1": float(np.mean(top1)), "validation_within_0.1mm": float(np.mean(near))}


QUALITY_RECIPE = Recipe(
    model="ccta_quality",
    config={"width": 8, "classes": 4},
    build=_build,
    samples=VesselSamples,
    loss=_loss,
    validate=_validate,
    steps=2400,
    studies=120,
    learning_rate=2e-3,
    data="straightened vessels of synthetic beating-heart phantoms (scanserve.phantoms.ccta), exact truth",
    unlike=UNLIKE,
)
