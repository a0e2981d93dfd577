"""Random variation of the samples of both heat-map networks, on the device where they are.

Symbols: p the edge of a patch, V vessels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from scanserve.contracts.ccta import COARSE_BLANK, COARSE_BLOCK, EVIDENCE_HIGH
from scanserve.training.ccta.worldbank import PATCH
from scanserve.training.ccta.worlds.filters import stretched

__all__ = ["coarse_pair", "on_patch", "prior_for", "rolled", "varied"]

#: Fraction of patches with the coarse map of stage 1; of the others, fraction without any and with a patchy true map.
REAL_PRIORS, NO_PRIOR, PATCHY = 0.75, 0.05, 0.6
#: A coarse sample: most voxels by which it is shifted along each axis; chance that a channel is blank.
SHIFT, BLIND = 6, 0.07


def coarse_pair(coarse: Tensor, maps: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Input [2, z, y, x] and target [V, z, y, x] of stage 1, of stored uint8 ``coarse`` and ``maps``.

    Shifted, with varied contrast, and sometimes with one channel blank, so that neither alone is trusted.
    """
    shift = [int(s) for s in rng.integers(-SHIFT, SHIFT + 1, 3)]
    stored = rolled(coarse, shift).float() / 255
    image = varied(stored[:1] * 2 - 1, rng)[0]
    evidence = stored[1] * EVIDENCE_HIGH * float(rng.uniform(0.8, 1.2))
    blind = rng.random()
    if blind < BLIND:
        image = torch.full_like(image, COARSE_BLANK["mean"])
    elif blind < 2 * BLIND:
        evidence = torch.full_like(evidence, COARSE_BLANK["evidence"])
    return torch.stack([image, evidence]), rolled(maps, shift).float() / 255


def rolled(image: Tensor, shift: list[int]) -> Tensor:
    """Shift the last three axes by whole voxels; zeros enter."""
    z, y, x = shift
    padded = F.pad(image, [max(x, 0), max(-x, 0), max(y, 0), max(-y, 0), max(z, 0), max(-z, 0)])
    starts = [max(-s, 0) for s in shift]
    for axis, start in enumerate(starts, 1):
        padded = padded.narrow(axis, start, image.shape[axis])
    return padded


def varied(image: Tensor, rng: np.random.Generator) -> Tensor:
    """A slight random gain and offset of each of images [N, ...] windowed to -1..1."""
    shape = (len(image), *[1] * (image.dim() - 1))
    gain, offset = (
        torch.from_numpy(rng.uniform(*r, shape)).float().to(image.device)
        for r in ((0.93, 1.07), (-0.03, 0.03))
    )
    return (image * gain + offset).clamp(-1, 1)


def prior_for(answer: Tensor, truth: Tensor, corner: npt.NDArray, rng: np.random.Generator) -> Tensor:
    """The prior of a patch, 0..1: the answer of stage 1, or a true map made weak and patchy."""
    if rng.random() < REAL_PRIORS:
        return on_patch(answer, corner)
    chance = rng.random()
    if chance < NO_PRIOR:
        return torch.zeros((PATCH,) * 3, device=answer.device)
    prior = on_patch(truth.float() / 255, corner + rng.uniform(-2, 2, 3))
    if chance < PATCHY:
        knots = torch.from_numpy(rng.uniform(0, 2.2, (4, 4, 4))).float().to(answer.device)
        prior = prior * stretched(knots, (PATCH,) * 3).clamp(0, 1)
    return (prior * float(rng.uniform(0.5, 1.05))).clamp(0, 1)


def on_patch(coarse: Tensor, corner: npt.NDArray) -> Tensor:
    """A coarse map on the working voxels of a patch from voxel ``corner`` (z, y, x) on, linearly interpolated."""
    axes = [
        ((torch.arange(PATCH, device=coarse.device) + float(first) - (COARSE_BLOCK - 1) / 2) / COARSE_BLOCK)
        for first in corner
    ]
    unit = [axis / (size - 1) * 2 - 1 for axis, size in zip(axes, coarse.shape, strict=True)]
    where = torch.stack(torch.meshgrid(*unit, indexing="ij"), dim=-1).flip(-1)[None].float()
    return F.grid_sample(coarse[None, None].float(), where, padding_mode="zeros", align_corners=True)[0, 0]
