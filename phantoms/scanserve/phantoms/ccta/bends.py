"""Keeps the beginning of an artery from bending more sharply than arteries do.

Settling a path outside the walls knows nothing of bending: where aorta, atrial appendage and pulmonary artery
crowd a path, it may turn back on itself.  Here the sharp places are bent open like a stiff wire.

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

#: A bend is the angle between the chords of so many mm before and after a point.
CHORD_MM = 4.0
#: The sharpest bend left, degrees: the LCX turns by about 50 in patients, and motion may add some.
MOST_BEND = 65.0
#: What is looked at, mm from the ostium; a sharp place is bent open together with so many mm beside it.
REACH_MM, BESIDE_MM = 35.0, 8.0
#: How stiff the wire is in the first round (waves along the path shorter than about 10 mm go), and how much
#: stiffer in each further one: gentle places need little, a path that turns right back needs all.
STIFFNESS, STIFFER = 100.0, 1.15
#: In the first rounds the path is also kept this many mm outside the walls; in the others only the bend counts.
CLEAR_MM, CLEAR_ROUNDS, ROUNDS = 0.8, 40, 60
#: An artery leaves the aorta's wall within so many mm.
LEAVING_MM = 3.0
#: Weight of a point that stays, against 1 of one that may move.
HELD = 1e7


def bends(points: npt.NDArray) -> npt.NDArray:
    """Degrees (N,) between the chords before and after each point; 0 where a chord does not fit."""
    k = round(CHORD_MM / STEP)
    before, after = points[k:-k] - points[: -2 * k], points[2 * k :] - points[k:-k]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    cosine = (before * after).sum(1) / np.maximum(lengths, 1e-9)
    return np.pad(np.degrees(np.arccos(np.clip(cosine, -1, 1))), k)


def eased(
    lad: npt.NDArray, tail: npt.NDArray, stem: int, least: int, walls: Sequence[Shape]
) -> tuple[npt.NDArray, npt.NDArray, int]:
    """LAD and LCX (N, 3) from the ostium, bent open, and the index of their fork.

    No bend is above MOST_BEND in their first REACH_MM if ROUNDS are enough.  ``tail`` is the LCX from
    ``lad[stem]`` on.  Left main, LAD and LCX are one forked wire, so that the left main comes to look between
    the two.  The ostium stays; a left main that reaches beyond both grooves becomes shorter, but the fork's
    index not less than ``least``.
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
    """How near (N,) a sharp bend is: 1 there, 0 from BESIDE_MM on."""
    sharp = (bends(path) > MOST_BEND) & (np.arange(len(path)) < REACH_MM / STEP)
    window = np.hanning(2 * round(BESIDE_MM / STEP) + 1)
    return np.clip(np.convolve(sharp, window)[len(window) // 2 :][: len(path)], 0, 1)


def _cleared(path: npt.NDArray, walls: Sequence[Shape], near: npt.NDArray) -> npt.NDArray:
    """Half-way out of the walls where ``near`` (M,) is not 0, but for the first LEAVING_MM on the aorta."""
    at = np.flatnonzero(near)
    at = at[at >= LEAVING_MM / STEP]
    out = path.copy()
    if len(at):
        out[at] += 0.5 * outward(path[at], walls, np.full(len(at), CLEAR_MM))
    return out


def _bent_open(
    lad: npt.NDArray, tail: npt.NDArray, stem: int, least: int, stiffness: npt.NDArray
) -> tuple[npt.NDArray, npt.NDArray, int]:
    """The LAD and the tail nearest to these with second differences that cost ``stiffness`` (M,) in each artery."""
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
