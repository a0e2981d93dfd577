"""Trainings of stage 1 that differ in one choice each: random worlds, CTs among them, the width, the channels.

They begin with random weights and take the same processor time.  The worlds are made before, once for all variants that
learn from the same kind, and their making does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import COARSE_BLANK
from scanserve.training import ablation
from scanserve.training.ablation import Kept, Progress, chosen, train_for
from scanserve.training.ccta.heatmaps import STAGE1_RECIPE, CoarseSamples
from scanserve.training.ccta.plainbank import plain_bank
from scanserve.training.ccta.seeds import TRAIN
from scanserve.training.recipe import Recipe, Sources
from scanserve.training.trainee import Trainee

__all__ = ["VARIANTS", "WORLDS", "Blind", "Trained", "Variant", "ablate", "train_variant"]

#: Training worlds of each kind.
WORLDS = 80


@dataclass(frozen=True)
class Variant:
    """One choice.

    Attributes:
        title: of its row.
        width: of the network.
        randomised: whether it learns from random worlds; otherwise from phantom hearts as they are drawn.
        hosts: whether real CTs are among the scenes of these worlds.
        blank: the input channel that it never sees.
        seed: of its weights and of the order of its worlds.
    """

    title: str
    width: int = 8
    randomised: bool = True
    hosts: bool = False
    blank: str | None = None
    seed: int = 0


#: By name; the first is what the others are compared with.
VARIANTS = {
    "worlds": Variant("random worlds of phantoms, width 8"),
    "hosts": Variant("CTs among the worlds, as shipped", hosts=True),
    "phantoms": Variant("phantom hearts, not randomised", randomised=False),
    "width-12": Variant("width 12", width=12),
    "width-16": Variant("width 16", width=16),
    "again": Variant("another seed", seed=1),
    "evidence": Variant("evidence alone", blank="mean"),
    "mean": Variant("mean alone", blank="evidence"),
}


@dataclass(frozen=True)
class Trained(ablation.Trained):
    """A trained stage 1."""

    @torch.no_grad()
    def answer(self, coarse: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The maps of stage 1 (0..1) [1, V, z, y, x] for its input [1, 2, z, y, x], in FP32 as it is served."""
        maps: Tensor = torch.sigmoid(self.network(torch.from_numpy(coarse)))
        return maps.numpy()


class Blind(nn.Module):
    """A network that never sees one of its input channels."""

    def __init__(self, network: nn.Module, blank: str) -> None:
        super().__init__()
        self.network = network
        self.number, self.neutral = list(COARSE_BLANK).index(blank), COARSE_BLANK[blank]

    def forward(self, image: Tensor) -> Tensor:
        """As the network itself, for ``[N, 2, z, y, x]``."""
        seen = image.clone()
        seen[:, self.number] = self.neutral
        return self.network(seen)


class PlainSamples(CoarseSamples):
    """Phantom hearts that are not randomised; they are shifted and varied as worlds are."""

    def __init__(self, sources: Sources, studies: int, seed: int) -> None:
        self.bank = plain_bank(sources.cache, TRAIN, studies)
        self.seed = seed


def ablate(
    names: Sequence[str], seconds: float, sources: Sources, progress: Progress | None = None
) -> Iterator[Trained]:
    """Train the variants one after another, and yield each.

    Without hosts, the variants that learn from them are left out.

    Args:
        names: keys of :data:`VARIANTS`; all where there are none.
        seconds: processor time of each training.
        sources: ``cache`` keeps the worlds, ``weights`` the trainings, which go on with what they have; ``hosts``.
        progress: told about each step.

    Raises:
        InputError: codes ``unknown-variant``, also for one that needs hosts without any, and ``hosts-invalid``.
    """
    known = {name: variant for name, variant in VARIANTS.items() if sources.hosts or not variant.hosts}
    for name, variant in chosen(names, known).items():
        network, steps = train_variant(variant, sources, seconds, sources.weights / name, progress)
        yield Trained(name, variant.title, steps, network)


def train_variant(
    variant: Variant,
    sources: Sources,
    seconds: float,
    folder: Path,
    progress: Progress | None = None,
) -> tuple[nn.Module, int]:
    """Train from random weights for ``seconds`` of processor time; the averaged network, and its number of steps.

    What ``folder`` keeps of the same training is gone on with.
    """
    trainee = Trainee(_recipe(variant), variant.seed, "cpu", None)
    samples = _samples(variant)(sources, WORLDS, variant.seed)
    decided = {name: getattr(variant, name) for name in ("width", "blank", "seed")}
    kept = Kept(folder, {"seconds": seconds, "worlds": [samples.bank.folder.name, WORLDS], **decided})
    steps = train_for(seconds, trainee, samples, kept, progress)
    return trainee.average.eval(), steps


def _samples(variant: Variant) -> Callable[[Sources, int, int], CoarseSamples]:
    if not variant.randomised:
        return PlainSamples
    return CoarseSamples if variant.hosts else _without_hosts


def _without_hosts(sources: Sources, studies: int, seed: int) -> CoarseSamples:
    return CoarseSamples(replace(sources, hosts=None), studies, seed)


def _recipe(variant: Variant) -> Recipe:
    config = {**STAGE1_RECIPE.config, "width": variant.width}
    return replace(STAGE1_RECIPE, config=config, build=partial(_build, blank=variant.blank))


def _build(config: Mapping[str, Any], blank: str | None) -> nn.Module:
    network = STAGE1_RECIPE.build(config)
    return network if blank is None else Blind(network, blank)
