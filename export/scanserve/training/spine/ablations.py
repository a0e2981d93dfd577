"""Trainings that differ in one choice each, for the same processor time: what the parts of the method are worth.

They are short, and their networks narrow and of half the resolution, so that all of them together take half an hour of
one core.  Their errors say which choice is better after the same time, and nothing about the shipped networks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from scanserve.networks.spine import build
from scanserve.training import ablation
from scanserve.training.ablation import Kept, Progress, chosen, train_for
from scanserve.training.recipe import Recipe, Sources
from scanserve.training.spine.filmbank import VariedFilms
from scanserve.training.spine.keypoints import RECIPES, SHIPPED, interactive
from scanserve.training.spine.loss import Interactive
from scanserve.training.spine.seeds import TEST
from scanserve.training.spine.validation import Case, make_case, validate_cases
from scanserve.training.trainee import Trainee

__all__ = ["FILMS", "VARIANTS", "Halved", "Trained", "Variant", "ablate", "train_variant"]

#: Training films that all variants share.
FILMS = 600
#: What narrow networks learn from in few steps.
_LEARNING_RATE = 2e-3
#: Clicks of the simulated reader.
_CLICKS = 3


@dataclass(frozen=True)
class Variant:
    """One choice.

    Attributes:
        title: of its row.
        model: the network.
        width: of the network; a narrow one sees more films in the same time.
        gate: whether it has the interaction-guided gate.
        hints_first: whether there are hints before the first pass of a step.
        places: whether the loss has the terms on points and edges.
        morphology: whether it has the morphology term.
    """

    title: str
    model: str = "spine_unet"
    width: int = 12
    gate: bool = True
    hints_first: bool = True
    places: bool = False
    morphology: bool = False


#: By name; the first is what the others are compared with.
VARIANTS = {
    "unet": Variant("U-Net IKEM"),
    "no-gate": Variant("without the gate", gate=False),
    "no-first-hints": Variant("without hints before the first pass", hints_first=False),
    "places": Variant("with the losses on points and edges", places=True),
    "morphology": Variant("with the morphology loss", morphology=True),
    "hrnet": Variant("HRNet+OCR IKEM", model="spine_hrnet", width=8),
}


@dataclass(frozen=True)
class Trained(ablation.Trained):
    """A trained network."""

    def figures(self, films: int) -> Mapping[str, float]:
        """Its figures on so many test films, which it reads again after clicks of the simulated reader."""
        return validate_cases(self.network, _cases(films), _CLICKS)


@cache
def _cases(films: int) -> list[Case]:
    """The test films, the same for all networks."""
    return [make_case(TEST.first_seed + number) for number in range(films)]


def ablate(
    names: Sequence[str], seconds: float, sources: Sources, progress: Progress | None = None
) -> Iterator[Trained]:
    """Train the variants one after another, and yield each.

    Args:
        names: keys of :data:`VARIANTS`; all where there are none.
        seconds: processor time of each training.
        sources: ``cache`` keeps the training films, ``weights`` the trainings, which go on with what they have.
        progress: told about each step.

    Raises:
        InputError: code ``unknown-variant``.
    """
    for name, variant in chosen(names, VARIANTS).items():
        kept = Kept(sources.weights / name, _facts(variant, seconds))
        network, steps = train_variant(variant, sources, seconds, kept=kept, progress=progress)
        yield Trained(name, variant.title, steps, network)


def _facts(variant: Variant, seconds: float) -> dict[str, Any]:
    """What decides the outcome of a training."""
    choice = {name: value for name, value in asdict(variant).items() if name != "title"}
    return {"seconds": seconds, "films": FILMS, **choice}


class Halved(nn.Module):
    """A network that sees images and heat maps at half the resolution; from outside it has the usual shapes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, hints: Tensor, previous: Tensor) -> Tensor | tuple[Tensor, ...]:
        """As the network itself: ``[N, 1, 512, 256]`` and twice ``[N, 68, 128, 64]`` to logits."""
        found = self.network(*(F.avg_pool2d(maps, 2) for maps in (image, hints, previous)))
        return _doubled(found) if isinstance(found, Tensor) else tuple(map(_doubled, found))


def _doubled(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)


def train_variant(
    variant: Variant,
    sources: Sources,
    seconds: float,
    films: int | None = None,
    seed: int = 0,
    kept: Kept | None = None,
    progress: Progress | None = None,
) -> tuple[nn.Module, int]:
    """Train from random weights for ``seconds`` of processor time; the averaged network, and its number of steps."""
    samples = VariedFilms(sources, films or FILMS, seed)
    trainee = Trainee(_recipe(variant, samples), seed, "cpu", None)
    steps = train_for(seconds, trainee, samples, kept, progress)
    return trainee.average.eval(), steps


def _recipe(variant: Variant, samples: VariedFilms) -> Recipe:
    return replace(
        RECIPES[variant.model],
        build=partial(_build, variant),
        learning_rate=_LEARNING_RATE,
        config=_config(variant),
        loss=partial(interactive, settings=_settings(variant)),
    )


def _settings(variant: Variant) -> Interactive:
    """The shipped loss without the terms that the variant lacks."""
    return Interactive(
        variant.hints_first,
        places=SHIPPED.places * variant.places,
        edges=SHIPPED.edges * variant.places,
        morphology=SHIPPED.morphology * variant.morphology,
    )


def _config(variant: Variant) -> dict[str, int]:
    return {"width": variant.width, "gate": int(variant.gate)}


def _build(variant: Variant, config: Mapping[str, int]) -> nn.Module:
    return Halved(build(variant.model, config))
