"""Films for training, of one size: phantoms with margins, and phantoms cropped as hospitals do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.contracts.spine import POINTS
from scanserve.phantoms.spine import make_film, training_film

__all__ = ["FILM_SHAPE", "fitted", "make_training_film"]

#: Rows and columns of a film in the bank.
FILM_SHAPE = (704, 384)
#: Share of films that are cropped as hospitals do.
CROPPED = 0.6


def make_training_film(seed: int) -> dict[str, npt.NDArray]:
    """The film of a training seed: ``film`` uint8 ``[704, 384]``, ``points`` ``[68, 2]``, ``size`` rows and columns."""
    rng = np.random.default_rng([int(seed), 0xC0])
    if rng.random() >= CROPPED:
        film = training_film(seed)
        return fitted(film.grey, film.points)
    rows = int(rng.uniform(0.9, 1.0) * FILM_SHAPE[0])
    film = make_film(seed, "training", rows)
    return fitted(film.grey, film.points)


def fitted(grey: npt.NDArray[np.floating], points: npt.NDArray[np.floating]) -> dict[str, npt.NDArray]:
    """A film of grey values 0..1 in the frame of the bank: cut or padded at its right and lower border.

    What does not fit in its width is cut on both sides of the spine.
    """
    rows, columns = FILM_SHAPE
    left = 0
    if grey.shape[1] > columns:
        left = int(np.clip(points[:, 0].mean() - columns / 2, 0, grey.shape[1] - columns))
    part = grey[:rows, left : left + columns]
    film = np.zeros(FILM_SHAPE, np.uint8)
    film[: part.shape[0], : part.shape[1]] = np.rint(255 * part)
    moved = (points - np.array([left, 0])).astype(np.float32).reshape(POINTS, 2)
    return {"film": film, "points": moved, "size": np.array(part.shape, np.int32)}
