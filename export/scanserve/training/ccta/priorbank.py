"""The coarse maps of phantom hearts by stage 1, on which stage 2 is trained."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from scanserve.networks.ccta import ResUNet50, ResUNetConfig
from scanserve.networks.weights import load_weights, read_manifest
from scanserve.training.bank import Bank
from scanserve.training.ccta.augment import vary_hu, window

__all__ = ["DRAWS", "STAGE1_NOISE_HU", "make_prior", "prior_bank"]

#: Standard deviation of the noise in coarse volumes, HU (low, high).
STAGE1_NOISE_HU = (1.0, 14.0)
#: Draws of noise and contrast per heart.
DRAWS = 2


@torch.no_grad()
def make_prior(seed: int, *, hearts: Bank, weights: Path) -> dict[str, npt.NDArray]:
    """The maps by stage 1 of the heart of ``seed``: ``priors`` uint8 [DRAWS, 3, z, y, x] on its coarse grid.

    Raises:
        SetupError: code ``weights-missing``, ``weights-manifest`` or ``weights-sha256``.
    """
    manifest, state = load_weights(weights)
    network = ResUNet50(ResUNetConfig(**manifest.config))
    network.load_state_dict(state)
    rng = np.random.default_rng((seed, 1))
    hu = hearts.read_seed(seed)["coarse"]
    images = np.stack([window(vary_hu(hu, rng, sigma=STAGE1_NOISE_HU)) for _ in range(DRAWS)])[:, None]
    maps = [torch.sigmoid(network.eval()(torch.from_numpy(image[None])))[0].numpy() for image in images]
    return {"priors": np.rint(np.stack(maps) * 255).astype(np.uint8)}


def prior_bank(cache: Path, hearts: Bank, weights: Path) -> Bank:
    """The maps by stage 1 of ``hearts``, cached under ``cache`` for exactly these ``weights`` (``weights/MODEL``).

    Raises:
        SetupError: code ``weights-missing`` or ``weights-manifest``.
    """
    folder = cache / f"priors-{hearts.folder.name}-{read_manifest(weights).sha256[:12]}"
    return Bank(folder, hearts.first_seed, hearts.count, partial(make_prior, hearts=hearts, weights=weights))
