"""Names of coronary arteries by their course in the patient (LPS: x grows to the left, y backward, z upward).

The right tree lies to the right of the left one, begins before it or beside it, and runs down.  Of the left tree the
artery that runs forward, down and to the left in the groove between the ventricles is the LAD; the one that runs
backward around the heart is the LCX.  A branch between the two, a ramus, is counted with the nearer one.

Symbols: N points of a line.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry import arc_length

__all__ = ["check_trees", "front_and_back", "offset"]

Points = npt.NDArray[np.float64]

#: A line's course is judged beyond this length: the left main and the bend after it lie before.
TRUNK_MM = 30.0
#: The two trees are so far apart from side to side, in the mean: they share the heart.
SIDES_MM = 10.0
#: The right ostium lies at most so far behind the left one (in 200 phantoms of the test population 4 mm; it springs
#: from the sinus in front): what lies further is no ostium, or the image is stored back to front.
BEHIND_MM = 8.0
#: The LAD runs at least so far before the ostium, the LCX so far behind it, in the mean.
FORWARD_MM, BACKWARD_MM = 5.0, 5.0


def offset(line: Points) -> Points:
    """Where a line (N, 3) runs beyond its trunk, from its first point: mean (3,) mm, (x, y, z)."""
    length = arc_length(line)
    beyond = length >= min(TRUNK_MM, length[-1] / 2)
    return (line[beyond] - line[0]).mean(axis=0)


def front_and_back(lines: Sequence[Points]) -> tuple[int, int]:
    """Which of the lines (N, 3) from the left ostium is in the LAD's tree, and which in the LCX's.

    Raises:
        InputError: code ``course-unclear``.
    """
    offsets = np.array([offset(line) for line in lines])
    front, back = int(offsets[:, 1].argmin()), int(offsets[:, 1].argmax())
    forward, backward, down = -offsets[front, 1], offsets[back, 1], -offsets[front, 2]
    if forward < FORWARD_MM or backward < BACKWARD_MM or down <= 0:
        raise InputError(
            "course-unclear",
            f"of the left tree one artery must run {FORWARD_MM:g} mm forward and down and one {BACKWARD_MM:g} mm "
            f"backward, but they run {forward:.0f} mm forward, {down:.0f} mm down and {backward:.0f} mm backward.",
        )
    return front, back


def check_trees(right: Points, left: Points) -> None:
    """See that two trees, points (N, 3) with the ostium first, are a right and a left one.

    Raises:
        InputError: code ``course-unclear``.
    """
    apart = float(left[:, 0].mean() - right[:, 0].mean())
    behind = float(right[0, 1] - left[0, 1])
    down = float(right[0, 2] - right[:, 2].mean())
    if apart < SIDES_MM or behind > BEHIND_MM or down <= 0:
        raise InputError(
            "course-unclear",
            f"the right tree must lie {SIDES_MM:g} mm to the right of the left one, begin {BEHIND_MM:g} mm or less "
            f"behind it and run down, but lies {apart:.0f} mm to the right, begins {behind:.0f} mm behind and runs "
            f"{down:.0f} mm down.",
        )
