"""Recipes of both networks: heat maps, the points decoded from them, and a simulated reader."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor, nn

from scanserve.networks.spine import CONFIGS, build
from scanserve.training.optimization import adamw, warm_cosine
from scanserve.training.recipe import Recipe, Sources
from scanserve.training.spine.filmbank import VariedFilms, validation_cases
from scanserve.training.spine.loss import Interactive, interactive_loss
from scanserve.training.spine.morphology import Morphology
from scanserve.training.spine.seeds import TRAIN
from scanserve.training.spine.validation import validate_cases

__all__ = ["RECIPES", "interactive"]

DATA = "synthetic frontal spine films (scanserve.phantoms.spine), exact truth"
UNLIKE = "Real anatomy, exposure, processing, implants and positioning"
#: Steps of the published order: two processors do this in some hours.
STEPS = 12_000
#: What ships: hints before the first pass, and every term of the loss.
SHIPPED = Interactive()


def interactive(
    model: nn.Module, batch: Mapping[str, Tensor], settings: Interactive = SHIPPED
) -> dict[str, Tensor]:
    """The loss of one step, whose reader is drawn from the batch's own seed."""
    generator = torch.Generator(batch["image"].device).manual_seed(int(batch["seed"]))
    steady = Morphology(batch["pairs"], batch["triples"])
    return interactive_loss(model, batch["image"], batch["points"], generator, steady, settings)


def _validate(model: nn.Module, sources: Sources) -> dict[str, float]:
    found = validate_cases(model, validation_cases(sources))
    return {f"validation_{name}": value for name, value in found.items()}


def _recipe(model: str) -> Recipe:
    return Recipe(
        model=model,
        config=CONFIGS[model],
        build=partial(build, model),
        samples=VariedFilms,
        loss=interactive,
        validate=_validate,
        steps=STEPS,
        studies=TRAIN.films,
        learning_rate=1e-3,
        data=DATA,
        unlike=UNLIKE,
        rate=warm_cosine,
        optimizer=adamw,
    )


RECIPES = {model: _recipe(model) for model in CONFIGS}
