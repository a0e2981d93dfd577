"""The recipe of a network: the network itself, samples, loss and validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from scanserve.training.optimization import Optimizer, Rate, adamw, warm_cosine

__all__ = ["Recipe", "Sources", "TrainingSamples"]


@dataclass(frozen=True)
class Sources:
    """The sources of samples: ``cache`` stores slow samples, ``weights`` holds trained networks.

    A recipe that builds on the output of another network finds that network under ``weights``.  ``data`` holds
    annotated studies that replace phantoms.
    """

    cache: Path
    weights: Path
    data: Path | None = None


class TrainingSamples(Protocol):
    """A source of training samples; all randomness derives from the arguments."""

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make or find the samples on disk; several processes may call this concurrently."""

    def batch(self, step: int) -> Mapping[str, Tensor]:
        """The batch of a step: the same step gives the same batch, so a resumed run repeats none."""


@dataclass(frozen=True)
class Recipe:
    """The recipe of one trainable network.

    ``samples(sources, studies, seed)`` makes the training samples, ``loss(model, batch)`` returns named terms
    including ``total``, ``validate(model, sources)`` returns named metrics on held-out studies.
    ``optimizer`` updates the weights at ``learning_rate`` times ``rate(step, steps)``.  ``data`` describes the training
    data; ``unlike`` starts the card's sentence on the differences to patients.
    """

    model: str
    config: Mapping[str, Any]
    build: Callable[[Mapping[str, Any]], nn.Module]
    samples: Callable[[Sources, int, int], TrainingSamples]
    loss: Callable[[nn.Module, Mapping[str, Tensor]], Mapping[str, Tensor]]
    validate: Callable[[nn.Module, Sources], Mapping[str, float]]
    steps: int
    studies: int
    learning_rate: float
    data: str
    rate: Rate = warm_cosine
    optimizer: Optimizer = adamw
    unlike: str = "Real anatomy, noise and artefacts"
