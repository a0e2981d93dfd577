"""Completeness of a vessel's tree, and false parts of the found tree.

Symbols: N points of the found tree, B true branches of the vessel (branch 0 is the main path), K pieces into which
lines are cut.  Pieces are short relative to the tolerance; a piece is represented by its middle and weighted by its
length.  A line lies *on* another where it is at most :data:`TOLERANCE_MM` away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from scanserve.contracts import InputError
from scanserve.geometry.types import Array

__all__ = ["BRANCH_FOUND", "TOLERANCE_MM", "Coverage", "TreeAccuracy", "compare_trees", "cover_trees"]

#: Largest distance of a found line from a true branch: the radius of a proximal coronary artery.
TOLERANCE_MM = 1.5
#: A side branch is found if a found line lies on this fraction of its own part.
BRANCH_FOUND = 0.5
#: The own part of a side branch is farther than this from all other branches, so no line lies on both.
OWN_MM = 2 * TOLERANCE_MM
#: A branch with a shorter own part, mm, cannot be told from its neighbours: a few points would decide.
OWN_PART_MM = 5.0
#: Longest piece into which lines are cut, mm; a sixth of the tolerance.
PIECE_MM = 0.25


@dataclass(frozen=True)
class TreeAccuracy:
    """Lengths in mm, shares from 0 to 1; a share of zero length is None.

    Attributes:
        branches: share of the own part of each true side branch (B - 1) that was found; None for a branch whose
            own part is shorter than :data:`OWN_PART_MM`, which is not counted.
        true_mm: length of the true tree, side branches included.
        covered_mm: length of the true tree on which the found tree lies.
        found_mm: length of the found tree.
        false_mm: length of the found tree that lies on no true branch of any vessel.
        other_vessel_mm: length of the found tree that lies on a branch of another vessel and on none of this vessel.
    """

    branches: tuple[float | None, ...]
    true_mm: float
    covered_mm: float
    found_mm: float
    false_mm: float
    other_vessel_mm: float

    @property
    def branches_counted(self) -> int:
        """The number of true side branches with a sufficient own part."""
        return sum(share is not None for share in self.branches)

    @property
    def branches_found(self) -> int:
        """The number of these of which :data:`BRANCH_FOUND` or more was found."""
        return sum(share is not None and share >= BRANCH_FOUND for share in self.branches)

    @property
    def branch_recall(self) -> float | None:
        """Share of the true side branches that were found."""
        return self.branches_found / self.branches_counted if self.branches_counted else None

    @property
    def length_recall(self) -> float | None:
        """Share of the true tree's length that was found."""
        return self.covered_mm / self.true_mm if self.true_mm else None

    @property
    def false_share(self) -> float | None:
        """Share of the found tree's length that lies on no true branch of any vessel."""
        return self.false_mm / self.found_mm if self.found_mm else None


def compare_trees(
    points: npt.ArrayLike, parent: npt.ArrayLike, truth: Sequence[Array], others: Sequence[Array] = ()
) -> TreeAccuracy:
    """Compare a found tree with the true one.

    Args:
        points: (N, 3) mm, the found tree; N is 0 if nothing was found.
        parent: (N,) index of the preceding point of each point, -1 at the root.
        truth: B true branches of the vessel, (N_b, 3) mm each, the main path first.
        others: true branches of the other vessels.

    Raises:
        InputError: code ``tree-invalid``.
    """
    found = _edges(np.asarray(points, np.float64), np.asarray(parent, np.intp))
    branches = [_Pieces.of(branch[:-1], branch[1:]) for branch in truth]
    true, foreign = _Pieces.together(branches), _Pieces.together([_Pieces.of(b[:-1], b[1:]) for b in others])
    on_own, on_other = found.lie_on(true), found.lie_on(foreign)
    return TreeAccuracy(
        branches=tuple(_own_share(branches, number, found) for number in range(1, len(branches))),
        true_mm=true.length(),
        covered_mm=true.length(true.lie_on(found)),
        found_mm=found.length(),
        false_mm=found.length(~on_own & ~on_other),
        other_vessel_mm=found.length(~on_own & on_other),
    )


@dataclass(frozen=True)
class Coverage:
    """Lengths in mm: of the true tree and of its part on which the found tree lies; and the reverse."""

    true_mm: float
    covered_mm: float
    found_mm: float
    right_mm: float


def cover_trees(
    points: npt.ArrayLike, parent: npt.ArrayLike, truth: Sequence[Array], tolerance_mm: float
) -> Coverage:
    """How far a found tree (see :func:`compare_trees`) and the true one lie within ``tolerance_mm`` of each other.

    Raises:
        InputError: code ``tree-invalid``.
    """
    found = _edges(np.asarray(points, np.float64), np.asarray(parent, np.intp))
    true = _Pieces.together([_Pieces.of(branch[:-1], branch[1:]) for branch in truth])
    covered = true.distance_to(found) <= tolerance_mm
    right = found.distance_to(true) <= tolerance_mm
    return Coverage(true.length(), true.length(covered), found.length(), found.length(right))


@dataclass(frozen=True)
class _Pieces:
    """The pieces of lines: ``middle`` (K, 3) mm and ``weight`` (K,) mm."""

    middle: Array
    weight: Array

    @classmethod
    def of(cls, start: Array, end: Array) -> _Pieces:
        """The segments from ``start`` to ``end`` (S, 3), cut into equal pieces."""
        length = np.linalg.norm(end - start, axis=1)
        cuts = np.maximum(1, np.ceil(length / PIECE_MM)).astype(np.intp)
        segment = np.repeat(np.arange(len(cuts)), cuts)
        place = np.arange(len(segment)) - np.repeat(np.cumsum(cuts) - cuts, cuts)
        along = (place + 0.5) / cuts[segment]
        middle = start[segment] + along[:, None] * (end - start)[segment]
        return cls(middle, (length / cuts)[segment])

    @classmethod
    def together(cls, parts: Sequence[_Pieces]) -> _Pieces:
        middle = np.concatenate([np.empty((0, 3)), *(part.middle for part in parts)])
        return cls(middle, np.concatenate([np.empty(0), *(part.weight for part in parts)]))

    def lie_on(self, other: _Pieces) -> npt.NDArray[np.bool_]:
        """Whether each piece (K,) is within the tolerance of ``other``."""
        return self.distance_to(other) <= TOLERANCE_MM

    def distance_to(self, other: _Pieces) -> Array:
        """Distance (K,) mm from each piece to the nearest piece of ``other``; infinite if that is empty."""
        if not len(other.middle) or not len(self.middle):
            return np.full(len(self.middle), np.inf)
        return cKDTree(other.middle).query(self.middle)[0]

    def length(self, which: npt.NDArray[np.bool_] | None = None) -> float:
        """Length in mm of all pieces, or of the selected pieces."""
        return float((self.weight if which is None else self.weight[which]).sum())


def _edges(points: Array, parent: npt.NDArray[np.intp]) -> _Pieces:
    points = points.reshape(-1, 3)
    if parent.shape != points.shape[:1] or np.any(parent < -1) or np.any(parent >= len(points)):
        raise InputError(
            "tree-invalid",
            f"parent must hold {len(points)} point numbers or -1 but has shape {parent.shape}.",
        )
    child = np.flatnonzero(parent >= 0)
    return _Pieces.of(points[parent[child]], points[child])


def _own_share(branches: Sequence[_Pieces], number: int, found: _Pieces) -> float | None:
    branch = branches[number]
    rest = _Pieces.together([*branches[:number], *branches[number + 1 :]])
    own = branch.distance_to(rest) > OWN_MM
    if branch.length(own) < OWN_PART_MM:
        return None
    return branch.length(own & branch.lie_on(found)) / branch.length(own)
