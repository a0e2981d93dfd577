"""Limit of the bending at the beginning of an artery.

Settling a path outside the walls ignores bending: where aorta, atrial appendage and pulmonary artery crowd a path, it
may turn back on itself.  Here sharp bends are opened as in a stiff wire.

Symbols: points (N, 3) in mm, STEP apart; ``stem`` is the index of the fork.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanserve.geometry.path import path_length, resample_path
from scanserve.phantoms.ccta.coronaries import STEP
from scanserve.phantoms.ccta.shapes import Shape
from scanserve.phantoms.ccta.surface import outward

__all__ = ["bends", "eased"]

#: A bend is the angle between the chords of this length, mm, before and after a point.
CHORD_MM = 4.0
#: Largest remaining bend, degrees: the LCX turns by about 50 in patients, and motion may add to it.
MOST_BEND = 65.0
#: Part of the path that is checked, mm from the ostium, and the length opened on either side of a sharp bend, mm.
REACH_MM, BESIDE_MM = 35.0, 8.0
#: Stiffness of the wire in the first round (it removes waves shorter than about 10 mm), and its growth per round:
#: gentle bends need few rounds, a path that turns back needs all.
STIFFNESS, STIFFER = 100.0, 1.15
#: In the first CLEAR_ROUNDS the path is also kept this many mm outside the walls; after that only the bend counts.
CLEAR_MM, CLEAR_ROUNDS, ROUNDS = 0.8, 40, 60
#: Length within which an artery leaves the wall of the aorta, mm.
LEAVING_MM = 3.0
#: Weight of a fixed point; that of a movable point is 1.
HELD = 1e7


def bends(points: npt.NDArray) -> npt.NDArray:
    """Degrees (N,) between the chords before and after each point; 0 if a chord does not fit."""
    k = round(CHORD_MM / STEP)
    before, after = points[k:-k] - points[: -2 * k], points[2 * k :] - points[k:-k]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    cosine = (before * after).sum(1) / np.maximum(lengths, 1e-9)
    return np.pad(np.degrees(np.arccos(np.clip(cosine, -1, 1))), k)


def eased(
    lad: npt.NDArray, tail: npt.NDArray, stem: int, least: int, walls: Sequence[Shape]
) -> tuple[npt.NDArray, npt.NDArray, int]:
    """Open the bends of LAD and LCX: return both paths (N, 3) from the ostium, and the index of their fork.

    No bend in their first REACH_MM exceeds MOST_BEND if ROUNDS suffice.  ``tail`` is the LCX from ``lad[stem]`` on.
    Left main, LAD and LCX form one forked wire, so that the left main points between the two.  The ostium does not
    move; a left main that reaches beyond both grooves is shortened, but the index of the fork is at least ``least``.
    """
    for count in range(ROUNDS):
        lcx = np.concatenate([lad[:stem], tail])
        near = _nearer(_near_sharp(lad), _near_sharp(lcx))
        if not near.any():
            break
        if count < CLEAR_ROUNDS:
            lad, tail = _cleared(lad, walls, near), _cleared(lcx, walls, near)[stem:]
        lad, tail, stem = _bent_open(lad, tail, stem, least, STIFFNESS * STIFFER**count * near)
    return lad, np.concatenate([lad[:stem], tail]), stem


def _nearer(first: npt.NDArray, second: npt.NDArray) -> npt.NDArray:
    count = min(len(first), len(second), round((REACH_MM + 2 * BESIDE_MM) / STEP))
    return np.maximum(first[:count], second[:count])


def _near_sharp(path: npt.NDArray) -> npt.NDArray:
    """Proximity (N,) to a sharp bend: 1 at the bend, 0 from BESIDE_MM on."""
    sharp = (bends(path) > MOST_BEND) & (np.arange(len(path)) < REACH_MM / STEP)
    window = np.hanning(2 * round(BESIDE_MM / STEP) + 1)
    return np.clip(np.convolve(sharp, window)[len(window) // 2 :][: len(path)], 0, 1)


def _cleared(path: npt.NDArray, walls: Sequence[Shape], near: npt.NDArray) -> npt.NDArray:
    """Move half-way out of the walls where ``near`` (M,) is not 0, except in the first LEAVING_MM on the aorta."""
    at = np.flatnonzero(near)
    at = at[at >= LEAVING_MM / STEP]
    out = path.copy()
    if len(at):
        out[at] += 0.5 * outward(path[at], walls, np.full(len(at), CLEAR_MM))
    return out


def _bent_open(
    lad: npt.NDArray, tail: npt.NDArray, stem: int, least: int, stiffness: npt.NDArray
) -> tuple[npt.NDArray, npt.NDArray, int]:
    """The LAD and the tail closest to these, with a cost ``stiffness`` (M,) on second differences in each artery."""
    count = len(stiffness)
    free = np.concatenate([lad[:count], tail[1 : count - stem]])
    first = np.arange(count)
    hold = np.where(np.arange(len(free)) < 1, HELD, 1.0)
    system = np.diag(hold)
    for chain in (first, np.where(first <= stem, first, first + count - stem - 1)):
        second = np.diff(np.eye(len(free))[chain], 2, axis=0)
        system += second.T @ (stiffness[1:-1, None] * second)
    moved = np.linalg.solve(system, hold[:, None] * free)
    lad = resample_path(np.concatenate([moved[:count], lad[count:]]), STEP, end="drop")
    trunk = round(path_length(moved[: stem + 1]) / STEP)
    fork = min(stem, max(trunk, least))
    tail = np.concatenate([lad[fork : fork + 1], moved[count:], tail[count - stem :]])
    return lad, resample_path(tail, STEP, end="drop"), fork
