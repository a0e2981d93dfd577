"""The recipe of a network: the network itself, samples, loss and validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from scanserve.training.optimization import Optimizer, Rate, adamw, warm_cosine

__all__ = ["Data", "Recipe", "Sources", "TrainingSamples"]

#: What a card calls the studies of a plain folder.
OWN_STUDIES = "annotated studies of the trainer's own"


@dataclass(frozen=True)
class Data:
    """Annotated studies in place of phantoms, as ``--data`` named them.

    Attributes:
        folder: holds ``train`` and ``validation``.
        title: what a card calls them.
        option: what a card gives ``--data``: never the name of a folder.
        notes: what was noticed on the way, a sentence each.
    """

    folder: Path
    title: str = OWN_STUDIES
    option: str = "DATA"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sources:
    """The sources of samples: ``cache`` stores slow samples, ``weights`` holds trained networks.

    A recipe that builds on another network's output finds that network under ``weights``.  ``data`` holds annotated
    studies in place of phantoms; ``data_title`` and ``data_option`` are theirs, see :class:`Data`.  ``hosts`` holds
    real volumes that a recipe may use as backgrounds; ``hosts_title`` is what a card says of them.
    """

    cache: Path
    weights: Path
    data: Path | None = None
    data_title: str = OWN_STUDIES
    data_option: str = "DATA"
    hosts: Path | None = None
    hosts_title: str = ""

    @classmethod
    def of(cls, cache: Path, weights: Path, data: Data | None) -> Sources:
        """Phantoms, or the studies of ``data``."""
        return (
            cls(cache, weights) if data is None else cls(cache, weights, data.folder, data.title, data.option)
        )


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
