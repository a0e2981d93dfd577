"""Films of a split, stored between runs, and batches of varied films from them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scanserve.geometry import keypoints
from scanserve.phantoms import spine as phantom
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.recipe import Sources
from scanserve.training.spine import films
from scanserve.training.spine.augment import augment
from scanserve.training.spine.datasets.aasce import read_split
from scanserve.training.spine.films import make_training_film
from scanserve.training.spine.morphology import Morphology, steady
from scanserve.training.spine.seeds import TRAIN, VALIDATION
from scanserve.training.spine.validation import Case, make_case

__all__ = ["BATCH", "VariedFilms", "validation_cases"]

#: Films of a batch.
BATCH = 4
#: Most films whose shapes choose the pairs of the morphology loss.
_SHAPES = 512


class VariedFilms:
    """Batches of training films, each varied in place and brightness; phantoms, or the films of a data set."""

    def __init__(self, sources: Sources, studies: int, seed: int) -> None:
        self.sources, self.studies, self.seed = sources, studies, seed

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the missing phantoms."""
        if self.sources.data is None:
            self._bank.prepare(progress)

    def batch(self, step: int) -> dict[str, Tensor]:
        """``image [4, 1, 512, 256]``, ``points [4, 68, 3]``, and the ``seed`` of the step's reader.

        ``pairs`` and ``triples`` are those of the morphology loss, the same in every batch.
        """
        rng = np.random.default_rng((self.seed, step))
        items = [self._item(int(index)) for index in rng.integers(0, self._count, BATCH)]
        stacked = {name: torch.from_numpy(np.stack([item[name] for item in items])) for name in items[0]}
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        image, points = augment(stacked["film"], stacked["size"], stacked["points"], generator)
        reader = torch.tensor(int(rng.integers(2**31)))
        return {"image": image, "points": points, "seed": reader, **vars(self._steady)}

    def _item(self, index: int) -> dict[str, npt.NDArray]:
        return self._read[index] if self.sources.data is not None else self._bank.read(index)

    @cached_property
    def _steady(self) -> Morphology:
        """The pairs and triples that vary least over the training films."""
        return steady(np.stack([self._item(index)["points"] for index in range(min(_SHAPES, self._count))]))

    @property
    def _count(self) -> int:
        return len(self._read) if self.sources.data is not None else len(self._bank)

    @cached_property
    def _read(self) -> list[dict[str, npt.NDArray]]:
        """The films of a data set in the frame of the bank."""
        if self.sources.data is None:
            return []
        return [film.for_training() for film in read_split(self.sources.data, "training")]

    @cached_property
    def _bank(self) -> Bank:
        folder = self.sources.cache / f"spine-{fingerprint(phantom, films, keypoints)}"
        return Bank(folder, TRAIN.first_seed, self.studies, make_training_film)


def validation_cases(sources: Sources) -> list[Case]:
    """Held-out films: phantoms of the test population, or those of the data set."""
    if sources.data is None:
        return [make_case(VALIDATION.first_seed + number) for number in range(VALIDATION.films)]
    found = read_split(sources.data, "test")
    return [Case(film.grey, film.points, np.ones(len(film.points), bool)) for film in found]
