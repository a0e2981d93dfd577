"""Nameless centerlines of one heart, each from its ostium: which is RCA, LAD and LCX, and which is a side branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial import cKDTree

from scanserve.contracts import InputError
from scanserve.geometry import arc_length, resample_path
from scanserve.training.ccta.annotation import AnnotatedVessel, as_line
from scanserve.training.ccta.datasets.course import check_trees, front_and_back, offset

__all__ = ["draw_lines"]

Points = npt.NDArray[np.float64]

#: Lines that start this near to each other start at one ostium: the two are some 20 mm apart.
OSTIUM_MM = 10.0
#: Two lines run together while they are this near to each other: about the radius of an artery.
TOGETHER_MM = 1.5
#: A side branch that shares as much with both left arteries, within this, leaves at their fork.
FORK_MM = 5.0
STEP_MM = 0.5


def draw_lines(lines: Sequence[Points]) -> tuple[AnnotatedVessel, ...]:
    """RCA, LAD and LCX out of lines (N, 3) mm LPS from the ostia; main vessels come before side branches.

    Raises:
        InputError: code ``course-unclear``.
    """
    lines = [resample_path(line, STEP_MM) for line in lines]
    right, left = _by_ostium(lines)
    check_trees(np.concatenate(right), np.concatenate(left))
    if len(left) < 2:
        raise InputError("course-unclear", "two lines or more must start at the left ostium but one does.")
    front, back = front_and_back(left[:2])
    sides = {front: list[Points](), back: list[Points]()}
    for line in left[2:]:
        owner = front if _is_of_first(line, left[front], left[back]) else back
        sides[owner].append(_beyond(line, left[owner]))
    return (
        _drawn("RCA", right[0], [_beyond(line, right[0]) for line in right[1:]]),
        _drawn("LAD", left[front], sides[front]),
        _drawn("LCX", left[back], sides[back]),
    )


def _by_ostium(lines: list[Points]) -> tuple[list[Points], list[Points]]:
    """The lines of the right and of the left ostium, each in their order."""
    starts = np.array([line[0] for line in lines])
    group = fcluster(linkage(starts), OSTIUM_MM, "distance") if len(lines) > 1 else np.ones(len(lines))
    if len(set(group)) != 2:
        raise InputError(
            "course-unclear", f"lines must start at two ostia but start at {len(set(group))} places."
        )
    one, other = (
        [line for line, own in zip(lines, group, strict=True) if own == number] for number in (1, 2)
    )
    right, left = sorted((one, other), key=lambda tree: float(np.concatenate(tree)[:, 0].mean()))
    return right, left


def _is_of_first(line: Points, first: Points, second: Points) -> bool:
    """Whether a side branch is of the first of two arteries: it shares more with it, or runs nearer to it."""
    more = _shared_mm(line, first) - _shared_mm(line, second)
    if abs(more) > FORK_MM:
        return more > 0
    own, one, other = (offset(points)[1] for points in (line, first, second))
    return abs(own - one) < abs(own - other)


def _shared_mm(line: Points, trunk: Points) -> float:
    return float(arc_length(line)[_leaves(line, trunk)])


def _leaves(line: Points, trunk: Points) -> int:
    """The last point at which a line runs together with another; the first where it never does."""
    together = np.flatnonzero(cKDTree(trunk).query(line)[0] <= TOGETHER_MM)
    return int(together[-1]) if together.size else 0


def _beyond(line: Points, trunk: Points) -> Points:
    """The part of a line that is its own, and the point at which it leaves; nothing (0, 3) where it has none."""
    own = line[_leaves(line, trunk) :]
    return own if len(own) > 1 else own[:0]


def _drawn(vessel: Literal["RCA", "LAD", "LCX"], main: Points, sides: list[Points]) -> AnnotatedVessel:
    return AnnotatedVessel(
        vessel=vessel,
        main_path_mm=as_line(main),
        side_branches_mm=[as_line(side) for side in sides if len(side)],
    )
