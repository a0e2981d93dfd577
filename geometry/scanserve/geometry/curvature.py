"""Curves of a stack of quadrilaterals, such as vertebrae seen from the front: Cobb angles between their edges.

Corners are (N, 4, 2) ``(x, y)`` in pixels, y downward, from the top of the stack down; per quadrilateral top-left,
top-right, bottom-left, bottom-right.  A *tilt* is the direction of an upper or a lower edge, in degrees from the mean
edge of the stack, positive where its right end lies lower; it does not depend on how the image is turned.

A curve runs from an upper to a lower end: its angle is that between the upper edge of the upper end and the lower edge
of the lower end (Cobb 1948).  It bulges to the right where tilts grow downward.  Curves of alternating sides share
their ends at most.  Of all such sequences that one is taken in which the angles exceed the least one by most in sum, so
that a wobble smaller than that angle never divides a curve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.types import Array

__all__ = ["LEAST_DEGREES", "Curve", "Side", "edge_tilts", "find_curves", "main_curve", "measure_curve"]

#: A curve has at least this angle: below it a spine counts as straight (Scoliosis Research Society).
LEAST_DEGREES = 10.0
#: From end to end a curve has at least so many quadrilaterals: two ends and an apex.
LEAST_COUNT = 3
#: Angles that fall short of the least one by so much still reach it: rounding of coordinates.
ROUNDING_DEGREES = 1e-6

Side = Literal["left", "right"]


@dataclass(frozen=True)
class Curve:
    """One curve.

    Attributes:
        upper, lower: its end quadrilaterals, by index from the top.
        apex: the one whose centre lies farthest from the line between the centres of the ends, on the bulging side.
        side: where it bulges to, in the image: the observer's left or right.
        degrees: its Cobb angle, >= 0.
    """

    upper: int
    lower: int
    apex: int
    side: Side
    degrees: float


def edge_tilts(corners: npt.ArrayLike, pixel: tuple[float, float] = (1.0, 1.0)) -> Array:
    """Tilts (N, 2) of upper and lower edges in degrees.

    Args:
        corners: (N, 4, 2) pixels.
        pixel: distance between rows and between columns, in any unit: only their ratio matters.

    Raises:
        InputError: code ``corners-shape``.

    >>> edge_tilts([[[0, 0], [2, 0], [0, 1], [2, 1]], [[0, 2], [2, 2], [0, 3], [2, 3]]]).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    edges = _edges(_checked(corners), pixel)
    mean = edges.sum(axis=(0, 1))
    along = edges @ mean
    across = mean[0] * edges[..., 1] - mean[1] * edges[..., 0]
    return np.degrees(np.arctan2(across, along))


def measure_curve(
    corners: npt.ArrayLike, upper: int, lower: int, pixel: tuple[float, float] = (1.0, 1.0)
) -> Curve:
    """The curve between two given ends, whatever its angle.

    Args:
        corners, pixel: as for :func:`edge_tilts`.
        upper, lower: indices from the top, ``upper`` < ``lower``.

    Raises:
        InputError: code ``corners-shape``, or ``curve-ends`` where the ends are none of the stack or in another order.
    """
    known = _checked(corners)
    if not 0 <= upper < lower < len(known):
        raise InputError(
            "curve-ends",
            f"the ends of a curve must be two of {len(known)} from the top, but are {upper} and {lower}.",
        )
    return _curve(known, edge_tilts(known, pixel), upper, lower, pixel)


def main_curve(corners: npt.ArrayLike, pixel: tuple[float, float] = (1.0, 1.0)) -> Curve:
    """The curve of the greatest angle between any two ends, also where that is smaller than the least one.

    Args:
        corners, pixel: as for :func:`edge_tilts`; N >= 3.

    Raises:
        InputError: code ``corners-shape``.
    """
    known = _checked(corners, LEAST_COUNT)
    tilts = edge_tilts(known, pixel)
    ends = [
        (upper, lower) for upper in range(len(known)) for lower in range(upper + LEAST_COUNT - 1, len(known))
    ]
    upper, lower = max(ends, key=lambda pair: abs(tilts[pair[1], 1] - tilts[pair[0], 0]))
    return _curve(known, tilts, upper, lower, pixel)


def find_curves(
    corners: npt.ArrayLike, pixel: tuple[float, float] = (1.0, 1.0), least_degrees: float = LEAST_DEGREES
) -> tuple[Curve, ...]:
    """Every curve of at least ``least_degrees``, from the top down; sides alternate.

    Args:
        corners, pixel: as for :func:`edge_tilts`; N >= 3.
        least_degrees: of a curve.

    Raises:
        InputError: code ``corners-shape``.
    """
    known = _checked(corners, LEAST_COUNT)
    tilts = edge_tilts(known, pixel)
    ends = _best_ends(tilts, least_degrees)
    return tuple(_curve(known, tilts, upper, lower, pixel) for upper, lower in ends)


@dataclass(frozen=True)
class _Best:
    """The best sequence of curves that ends with a curve to one side: what it gains, and the ends of its curves."""

    gain: float = 0.0
    ends: tuple[tuple[int, int], ...] = ()


def _best_ends(tilts: Array, least: float) -> tuple[tuple[int, int], ...]:
    """The ends of the best sequence; ``best[side][k]`` is the best down to quadrilateral k that ends to ``side``."""
    count = len(tilts)
    best = {side: [_Best()] * count for side in (-1, 1)}
    for lower in range(count):
        for side in best:
            before = best[side][lower - 1] if lower else _Best()
            candidates = _candidates(tilts, lower, side, least, best[-side])
            best[side][lower] = max([before, *candidates], key=lambda found: found.gain)
    return max((best[side][-1] for side in best), key=lambda found: found.gain).ends


def _candidates(tilts: Array, lower: int, side: int, least: float, others: list[_Best]) -> Iterator[_Best]:
    """Sequences that end with a curve to ``side`` at ``lower``; ``others`` are the best ones to the other side."""
    for upper in range(lower - LEAST_COUNT + 2):
        excess = side * (tilts[lower, 1] - tilts[upper, 0]) - least
        if excess >= -ROUNDING_DEGREES:
            before = others[upper]
            # A curve of just the least angle gains something as well.
            yield _Best(before.gain + excess + 2 * ROUNDING_DEGREES, (*before.ends, (upper, lower)))


def _curve(corners: Array, tilts: Array, upper: int, lower: int, pixel: tuple[float, float]) -> Curve:
    turn = float(tilts[lower, 1] - tilts[upper, 0])
    centres = corners[upper : lower + 1].mean(axis=1) * (pixel[1], pixel[0])
    line = centres[-1] - centres[0]
    offsets = centres - centres[0]
    toward_right = offsets[:, 0] * line[1] - offsets[:, 1] * line[0]
    apex = upper + int(np.argmax(np.sign(turn or 1.0) * toward_right))
    return Curve(upper, lower, apex, "right" if turn >= 0 else "left", abs(turn))


def _edges(corners: Array, pixel: tuple[float, float]) -> Array:
    """Upper and lower edges (N, 2, 2) from left to right, in the unit of ``pixel``."""
    return (corners[:, [1, 3]] - corners[:, [0, 2]]) * (pixel[1], pixel[0])


def _checked(corners: npt.ArrayLike, least: int = 1) -> Array:
    known = np.asarray(corners, dtype=np.float64)
    if known.ndim != 3 or known.shape[1:] != (4, 2) or len(known) < least or not np.isfinite(known).all():
        raise InputError(
            "corners-shape",
            f"corners must be finite and (N, 4, 2), N >= {least}, but have shape {known.shape}.",
        )
    return known
