"""A synthetic patient: the shape of the spine, and what lies around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanserve.phantoms.spine.population import Population
from scanserve.phantoms.spine.shape import Shape

__all__ = ["Patient"]


@dataclass(frozen=True, eq=False)
class Patient:
    """A patient.

    Attributes:
        shape: the vertebrae.
        lumbar: number of lumbar vertebrae, 4 to 6; with 4, the fifth is a part of the sacrum.
        ribs: pairs of ribs, 11 to 13.
        bone: contrast of bone relative to soft tissue.
        chest: half width of the chest at its widest.
        lung: how much less the lungs attenuate than soft tissue.
        diaphragm: height of the right and the left dome; ``heart`` size, on the image's right unless ``mirrored``.
        breast: density of the breast shadows, 0 for none.
        gas: number of gas bubbles in the bowel.
        mirrored: whether the film is seen from behind: heart on the image's left.
    """

    shape: Shape
    lumbar: int
    ribs: int
    bone: float
    chest: float
    lung: float
    diaphragm: tuple[float, float]
    heart: float
    breast: float
    gas: int
    mirrored: bool

    @classmethod
    def sample(cls, rng: np.random.Generator, population: Population) -> Patient:
        """A random patient of a population."""
        lumbar = _count(rng, 5, population.count_share)
        return cls(
            shape=Shape.sample(rng, population, 18 if lumbar == 6 else 17),
            lumbar=lumbar,
            ribs=_count(rng, 12, population.count_share),
            bone=float(rng.uniform(*population.bone)),
            chest=float(rng.uniform(0.24, 0.34)),
            lung=float(rng.uniform(0.45, 0.8)),
            diaphragm=(float(rng.uniform(0.42, 0.55)), float(rng.uniform(0.44, 0.58))),
            heart=float(rng.uniform(0.8, 1.25)),
            breast=float(rng.uniform(0.1, 0.45)) if rng.random() < 0.5 else 0.0,
            gas=int(rng.integers(0, 22)),
            mirrored=bool(rng.random() < 0.12),
        )

    @property
    def left(self) -> float:
        """The direction of the patient's left in the image: 1 to the right."""
        return -1.0 if self.mirrored else 1.0


def _count(rng: np.random.Generator, usual: int, share: float) -> int:
    """``usual`` or, with probability ``share``, one more or one less."""
    return usual if rng.random() >= share else usual + int(rng.choice([-1, 1]))
