"""Random tissue: every HU becomes another one, the brightness drifts across the image, and blood is trabeculated."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.training.ccta.worlds.filters import gaussian, stretched
from scanserve.training.ccta.worlds.frame import noise

__all__ = ["RAISED", "drift", "raised", "recolour", "trabeculate"]

#: Knots of a curve from HU to HU: the value, how far it moves in the scenes of phantoms, and how far it moves in a
#: real CT, whose tissues have a texture of their own.
KNOTS_HU = (AIR_HU, -700, -200, -90, 0, 50, 110, 200, 350, 500, 900, MAX_HU)
WILD_HU = (0, 150, 60, 45, 50, 50, 60, 120, 170, 200, 200, 0)
MILD_HU = (0, 60, 30, 20, 15, 15, 25, 50, 80, 100, 150, 0)
#: Share of the wild curves that keep the order of tissues.
ORDERED = 0.5
#: Share of unenhanced real CTs whose blood, and all that is as bright, is raised; where it begins and how far (HU).
RAISED, BLOOD_FROM_HU, BLOOD_TO_HU = 0.5, (15.0, 45.0), (120.0, 450.0)
#: Largest standard deviation (HU) and knots per axis of the drift.
DRIFT_HU, DRIFT_KNOTS = 30.0, 4
#: Trabeculae: what counts as blood, grain in voxels, share of the blood that is muscle, and how much darker it is (HU).
BRIGHT_HU, GRAIN, MUSCLE, DARKER_HU = 170.0, (0.8, 2.5), (0.1, 0.4), (40.0, 300.0)


def recolour(hu: Tensor, rng: np.random.Generator, *, wild: bool) -> Tensor:
    """Map HU through a random piecewise linear curve; a ``wild`` one may swap the order of tissues."""
    moves = rng.uniform(-1, 1, len(KNOTS_HU)) * np.array(WILD_HU if wild else MILD_HU)
    curve = np.array(KNOTS_HU) + moves
    if not wild or rng.random() < ORDERED:
        curve = np.maximum.accumulate(curve)
    return _interpolated(hu, KNOTS_HU, curve)


def raised(hu: Tensor, rng: np.random.Generator) -> Tensor:
    """Raise everything as bright as unenhanced blood, as contrast would; muscle is raised with it."""
    start, end = rng.uniform(*BLOOD_FROM_HU), rng.uniform(*BLOOD_TO_HU)
    slope = (end - start) / 30
    return torch.where(
        hu > start, torch.clamp(start + (hu - start) * slope, max=end) + (hu - start) * 0.5, hu
    )


def drift(hu: Tensor, rng: np.random.Generator) -> Tensor:
    """Add a smooth random field, as of scatter and beam hardening."""
    field = stretched(noise((DRIFT_KNOTS,) * 3, rng, hu.device), tuple(hu.shape))
    return hu + field * float(rng.uniform(0, DRIFT_HU))


def trabeculate(hu: Tensor, rng: np.random.Generator) -> Tensor:
    """Darken random grains of whatever is as bright as blood: muscle within a ventricle."""
    grain = gaussian(noise(tuple(hu.shape), rng, hu.device), [rng.uniform(*GRAIN)] * 3)
    share = float(rng.uniform(*MUSCLE))
    level = torch.quantile(grain.reshape(-1)[::101], 1 - share)
    soft = torch.sigmoid((grain - level) / grain.std() * 6)
    return hu - soft * float(rng.uniform(*DARKER_HU)) * ((hu - BRIGHT_HU) / 60).clamp(0, 1)


def _interpolated(values: Tensor, knots: tuple[float, ...], curve: np.ndarray) -> Tensor:
    """Piecewise linear interpolation, constant beyond the ends."""
    x = torch.tensor(knots, dtype=torch.float32, device=values.device)
    y = torch.as_tensor(curve, dtype=torch.float32, device=values.device)
    inside = values.clamp(float(x[0]), float(x[-1]))
    right = torch.bucketize(inside, x).clamp(1, len(x) - 1)
    slope = (y[1:] - y[:-1]) / (x[1:] - x[:-1])
    return y[right - 1] + (inside - x[right - 1]) * slope[right - 1]
