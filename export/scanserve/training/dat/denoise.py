"""Recipes of the denoising networks: mean squared error against the long acquisition, trained as published.

Published: 200 epochs over 120 patients, batches of 8 slices, Adam at 1e-3, and at 1e-5 after epoch 150.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scanserve.contracts.dat import SLICES
from scanserve.networks.dat import CONFIGS, ServedDenoise, build, restore
from scanserve.training.dat.augment import vary
from scanserve.training.dat.seeds import TRAIN, VALIDATION
from scanserve.training.dat.slicebank import Slices
from scanserve.training.optimization import adam, falling
from scanserve.training.recipe import Recipe, Sources

__all__ = ["RECIPES", "BatchedSlices"]

DATA = "synthetic I-123 ioflupane brain phantoms (scanserve.phantoms.dat), exact truth"
UNLIKE = "Real anatomy and uptake, movement, scatter, collimators, reconstruction and its filters"
BATCH, EPOCHS = 8, 200
STEPS = EPOCHS * TRAIN.patients * SLICES // BATCH


class BatchedSlices:
    """Every slice once per epoch, in a new order each time, randomly mirrored and shifted."""

    def __init__(self, sources: Sources, studies: int, seed: int) -> None:
        self.slices = Slices(sources, TRAIN, studies)
        self.seed = seed

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the patients."""
        self.slices.prepare(progress)

    def batch(self, step: int) -> dict[str, Tensor]:
        """``slices`` and ``reference``, both [8, 1, 64, 64]."""
        count = len(self.slices.noisy)
        epoch, place = divmod(step, max(1, count // BATCH))
        order = np.random.default_rng((self.seed, epoch)).permutation(count)
        rng = np.random.default_rng((self.seed, step, 1))
        pairs = [self._pair(index, rng) for index in order[place * BATCH : (place + 1) * BATCH]]
        noisy, reference = np.stack(pairs, axis=1)
        return {"slices": _image(noisy), "reference": _image(reference)}

    def _pair(self, index: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        return vary(np.stack((self.slices.noisy[index], self.slices.reference[index])), rng)


def _image(slices: npt.NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(slices)).unsqueeze(1)


def _loss(model: nn.Module, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    slices = batch["slices"].contiguous(memory_format=torch.channels_last)
    return {"total": F.mse_loss(restore(model, slices), batch["reference"])}


@torch.no_grad()
def _validate(model: nn.Module, sources: Sources) -> dict[str, float]:
    """Mean PSNR against the long acquisition over the validation slices, restored and unprocessed."""
    slices = Slices(sources, VALIDATION)
    slices.prepare()
    served = ServedDenoise(model)
    device = next(model.parameters()).device
    restored = [served(part.to(device)).cpu() for part in _image(slices.noisy).split(64)]
    return {
        "validation_psnr_db": _psnr_db(torch.cat(restored)[:, 0].numpy(), slices.reference),
        "validation_psnr_db_unrestored": _psnr_db(slices.noisy, slices.reference),
    }


def _psnr_db(found: npt.NDArray[np.float32], reference: npt.NDArray[np.float32]) -> float:
    """Peak signal-to-noise ratio, averaged over slices; the peak of a slice is the maximum of its reference."""
    errors = ((found - reference) ** 2).mean(axis=(1, 2))
    return float(np.mean(10 * np.log10(reference.max(axis=(1, 2)) ** 2 / errors)))


def _recipe(model: str) -> Recipe:
    return Recipe(
        model=model,
        config=CONFIGS[model],
        build=partial(build, model),
        samples=BatchedSlices,
        loss=_loss,
        validate=_validate,
        steps=STEPS,
        studies=TRAIN.patients,
        learning_rate=1e-3,
        data=DATA,
        unlike=UNLIKE,
        rate=falling(after=0.75, to=0.01),
        optimizer=adam,
    )


RECIPES = {model: _recipe(model) for model in CONFIGS}
