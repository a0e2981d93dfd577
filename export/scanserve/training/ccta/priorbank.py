"""The coarse maps of worlds by stage 1, on which stage 2 is trained."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from scanserve.networks.ccta import ResUNet50, ResUNetConfig
from scanserve.networks.manifest import read_manifest
from scanserve.networks.weights import load_weights
from scanserve.training.bank import Bank
from scanserve.training.ccta.worldbank import as_channels

__all__ = ["make_prior", "prior_bank"]


@torch.no_grad()
def make_prior(seed: int, *, samples: Bank, weights: Path) -> dict[str, npt.NDArray]:
    """The maps by stage 1 of the world of ``seed``: ``priors`` uint8 [3, z, y, x] on its coarse grid.

    Raises:
        SetupError: code ``weights-missing``, ``weights-manifest`` or ``weights-sha256``.
    """
    manifest, state = load_weights(weights)
    network = ResUNet50(ResUNetConfig(**manifest.config))
    network.load_state_dict(state)
    image = torch.from_numpy(as_channels(samples.read_seed(seed)["coarse"])[None])
    maps = torch.sigmoid(network.eval()(image))[0].numpy()
    return {"priors": np.rint(maps * 255).astype(np.uint8)}


def prior_bank(cache: Path, samples: Bank, weights: Path) -> Bank:
    """The maps by stage 1 of ``samples``, cached under ``cache`` for exactly these ``weights`` (``weights/MODEL``).

    Raises:
        SetupError: code ``weights-missing`` or ``weights-manifest``.
    """
    folder = cache / f"priors-{samples.folder.name}-{read_manifest(weights).sha256[:12]}"
    return Bank(
        folder, samples.first_seed, samples.count, partial(make_prior, samples=samples, weights=weights)
    )
