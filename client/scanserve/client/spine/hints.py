"""Corners that a reader has fixed: where they were put, and where the network had put them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.client.spine.placement import Points
from scanserve.contracts import InputError
from scanserve.contracts.spine import CORNERS, POINTS, VERTEBRAE

__all__ = ["Hint", "Hints", "check_hints", "name_of", "vertebra_of"]

#: A corner may be put this far beyond the centre of the outermost pixel: onto the pixel's border.
EDGE = 0.5


@dataclass(frozen=True)
class Hint:
    """One fixed corner; ``place`` and ``previous`` are ``(x, y)`` in pixels of the film.

    ``previous`` is where the network had put it, or None where that is not known.
    """

    point: int
    place: tuple[float, float]
    previous: tuple[float, float] | None = None


Hints = Sequence[Hint]


def check_hints(hints: Hints, shape: tuple[int, int]) -> None:
    """Refuse hints that belong to no corner, or to no place of a film of ``shape`` (rows, columns).

    Raises:
        InputError: code ``hint-unknown-point``, ``hint-repeated`` or ``hint-outside-image``.
    """
    seen: set[int] = set()
    for hint in hints:
        if not 0 <= hint.point < POINTS:
            message = f"corners are numbered from 0 to {POINTS - 1}, but a hint has the number {hint.point}."
            raise InputError("hint-unknown-point", message)
        if hint.point in seen:
            raise InputError("hint-repeated", f"{name_of(hint.point)} must be fixed once but is fixed twice.")
        seen.add(hint.point)
        _check_place(hint, shape)


def _check_place(hint: Hint, shape: tuple[int, int]) -> None:
    rows, columns = shape
    x, y = hint.place
    if not (-EDGE <= x <= columns - 1 + EDGE and -EDGE <= y <= rows - 1 + EDGE):  # NaN is nowhere
        raise InputError(
            "hint-outside-image",
            f"{name_of(hint.point)} must lie in the film of {columns} x {rows} pixels but is put to ({x:g}, {y:g}).",
        )


def name_of(point: int) -> str:
    """The corner in words.

    >>> name_of(0), name_of(67)
    ('T1 top-left', 'L5 bottom-right')
    """
    return f"{vertebra_of(point)} {CORNERS[point % len(CORNERS)]}"


def vertebra_of(point: int) -> str:
    """The name of a corner's vertebra."""
    return VERTEBRAE[point // len(CORNERS)]


def tensors(places: dict[int, Points]) -> npt.NDArray[np.float32]:
    """Places by corner, in network pixels, as the networks take them: float32 (1, 68, 3)."""
    tensor = np.zeros((1, POINTS, 3), np.float32)
    for point, place in places.items():
        tensor[0, point] = (*place, 1)
    return tensor
