"""Trainings that differ in one choice each, for the same processor time: what the parts of the method are worth.

They are short, and their networks narrow and of half the resolution, so that all of them together take half an hour of
one core.  Their errors say which choice is better after the same time, and nothing about the shipped networks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from scanserve.contracts import InputError
from scanserve.networks.spine import build
from scanserve.training.optimization import warm_cosine
from scanserve.training.recipe import Recipe, Sources
from scanserve.training.spine.filmbank import VariedFilms
from scanserve.training.spine.keypoints import RECIPES, SHIPPED, interactive
from scanserve.training.spine.loss import Interactive
from scanserve.training.spine.seeds import TEST
from scanserve.training.spine.validation import make_case, validate_cases
from scanserve.training.trainee import Trainee

__all__ = ["FILMS", "VARIANTS", "Halved", "Trained", "Variant", "ablate", "train_variant"]

#: Training films that all variants share.
FILMS = 600
#: The schedule of the learning rate is cut into this many parts of the time.
_PARTS = 10_000
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
class Trained:
    """A trained variant: its name, the steps that it made in its time, and its figures on the test films."""

    name: str
    title: str
    steps: int
    figures: Mapping[str, float]


def ablate(names: Sequence[str], seconds: float, films: int, cache: Path, run: Path) -> Iterator[Trained]:
    """Train the variants one after another, and yield each with its figures.

    Args:
        names: keys of :data:`VARIANTS`; all where there are none.
        seconds: processor time of each training.
        films: number of test films.
        cache: where training films are kept.
        run: keeps the trained networks; what is there already is not trained again.

    Raises:
        InputError: code ``unknown-variant``.
    """
    for name in names:
        if name not in VARIANTS:
            known = ", ".join(VARIANTS)
            raise InputError("unknown-variant", f"there is no variant {name!r}; expected one of {known}.")
    cases = [make_case(TEST.first_seed + number) for number in range(films)]
    sources = Sources(cache, run)
    for name in names or VARIANTS:
        network, steps = _kept_or_trained(name, sources, seconds, run / name)
        yield Trained(name, VARIANTS[name].title, steps, validate_cases(network, cases, _CLICKS))


def _kept_or_trained(name: str, sources: Sources, seconds: float, folder: Path) -> tuple[nn.Module, int]:
    """The network that the folder keeps of a training of that time; trained where there is none."""
    weights, facts = folder / "model.safetensors", folder / "run.json"
    variant = VARIANTS[name]
    if not facts.is_file() or json.loads(facts.read_text(encoding="utf-8"))["seconds"] != seconds:
        trained, steps = train_variant(variant, sources, seconds)
        folder.mkdir(parents=True, exist_ok=True)
        save_file({key: value.contiguous() for key, value in trained.state_dict().items()}, weights)
        facts.write_text(json.dumps({"steps": steps, "seconds": seconds}), encoding="utf-8")
    network = _build(variant, _config(variant))
    network.load_state_dict(load_file(weights))
    return network.eval(), int(json.loads(facts.read_text(encoding="utf-8"))["steps"])


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
    progress: Callable[[float, int, Mapping[str, float]], None] | None = None,
) -> tuple[nn.Module, int]:
    """Train from random weights for ``seconds`` of processor time; the averaged network, and its number of steps.

    Time in which the process does not run does not count.  ``progress`` is told the share of the time, the steps and
    the terms of the loss.
    """
    samples = VariedFilms(sources, films or FILMS, seed)
    samples.prepare()
    trainee = Trainee(_recipe(variant, samples), seed, "cpu", None)
    began, step = time.process_time(), 0
    while (share := (time.process_time() - began) / seconds) < 1:
        terms = trainee.learn(samples.batch(step), step, warm_cosine(int(_PARTS * share), _PARTS))
        step += 1
        if progress:
            progress(share, step, terms)
    return trainee.average.eval(), step


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
