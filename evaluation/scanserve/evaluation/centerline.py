"""Overlap and distance between a centerline and its reference, as in the Rotterdam (CAT08) framework.

Source: Schaap et al., "Standardized evaluation methodology and reference database for evaluating coronary
artery centerline extraction algorithms", Med Image Anal 13 (2009) 701-714; AD and AT come from its
predecessor, the coronary artery tracking challenge of 2008.  Where the article leaves a detail open, or the
framework's tool differs from it, this module follows the tool and documents it at the measure.

Symbols: N points of the reference with radii r, M points of the evaluated line (after clipping), C = N + M - 1
connections of :mod:`~scanserve.evaluation.correspondence`.  A connection is *inside* when it is no longer than
the radius at its reference point.  A reference point is a true positive (TPR) when one of its connections is
inside, else a false negative (FN); an evaluated point likewise is a TPM or a false positive (FP).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.evaluation.correspondence import correspond
from scanserve.geometry.path import arc_length, mean_step, resample_path
from scanserve.geometry.types import Array

__all__ = ["FRAMEWORK_SPACING_MM", "CenterlineAccuracy", "clip_start", "compare_centerlines"]

#: Distance between samples on both lines in the framework.
FRAMEWORK_SPACING_MM = 0.03
#: The clinically relevant part of a vessel ends at the last point with a diameter of at least 1.5 mm.
RELEVANT_RADIUS_MM = 0.75
#: Radius of the disc that clips the evaluated line at the start of the reference, in vessel radii.
CLIP_RADII = 2.0
#: The article ignores errors in the first 5 mm, the mean diameter at the start of its references.
FORGIVEN_MM = 5.0


@dataclass(frozen=True)
class CenterlineAccuracy:
    """The measures of one evaluated centerline: overlaps from 0 to 1, distances in mm.

    Attributes:
        ov: overlap, (TPM + TPR) / (TPM + TPR + FN + FP).
        of: overlap until first error: fraction of the reference before the first point with *any* connection
            that is not inside, as in the framework's tool.
        of_beyond_5mm: the same by the article's definition: before the first FN farther than 5 mm from the start.
        ot: overlap of the clinically relevant part; None if there is no such part.
        ad_mm: mean length of all connections.
        ai_mm: mean length of the connections inside; None if there are none.
        at_mm: mean length of the connections of the clinically relevant part; None if there is no such part.
    """

    ov: float
    of: float
    of_beyond_5mm: float
    ot: float | None
    ad_mm: float | None
    ai_mm: float | None
    at_mm: float | None

    @classmethod
    def missed(cls) -> CenterlineAccuracy:
        """The measures of a vessel that was not found: zero overlap and no distance."""
        return cls(0.0, 0.0, 0.0, 0.0, None, None, None)


def compare_centerlines(
    reference: npt.ArrayLike,
    radii: npt.ArrayLike,
    evaluated: npt.ArrayLike,
    spacing_mm: float | None = FRAMEWORK_SPACING_MM,
) -> CenterlineAccuracy:
    """Measure a centerline against its reference.

    Connections advance on one line at a time, so every second connection is oblique by one spacing: the AI of two
    equal lines is half a spacing, not 0.

    Args:
        reference: (N, 3) mm, starting at the ostium.
        radii: (N,) mm, radius of the reference at each point.
        evaluated: (M, 3) mm, in the same direction.
        spacing_mm: distance between samples.  None keeps the points of an equidistant reference and samples the
            evaluated line at its mean spacing, as the framework's tool does.

    Raises:
        InputError: code ``path-shape``, ``path-too-short``, ``radii-shape``, ``step-not-positive`` or
            ``lines-too-fine``.
    """
    line = _with_radii(reference, radii)
    spacing = mean_step(line) if spacing_mm is None else spacing_mm
    sampled = line if spacing_mm is None else resample_path(line, spacing, end="keep")
    points, radius = np.split(sampled, [3], axis=1)
    found = resample_path(evaluated, spacing, end="keep")
    found = clip_start(found, points[0], points[1] - points[0], radius[0, 0])
    return _Connections.between(points, radius[:, 0], found).accuracy()


def clip_start(line: Array, centre: npt.ArrayLike, normal: npt.ArrayLike, radius_mm: float) -> Array:
    """The part of a line after it first passes through a disc; the whole line if it never does.

    Args:
        line: (M, 3) mm.
        centre: (3,) mm, centre of the disc: the first point of the reference.
        normal: (3,) of any length, the direction of the reference at its start.
        radius_mm: radius of the vessel there; the radius of the disc is :data:`CLIP_RADII` times as large.

    Returns:
        (K, 3) with 1 <= K <= M.
    """
    side = (line - np.asarray(centre)) @ np.asarray(normal)
    for i in np.flatnonzero(np.diff(side < 0)):
        passage = line[i] + side[i] / (side[i] - side[i + 1]) * (line[i + 1] - line[i])
        if np.linalg.norm(passage - centre) < CLIP_RADII * radius_mm:
            return line[i + 1 :]
    return line


def _with_radii(reference: npt.ArrayLike, radii: npt.ArrayLike) -> Array:
    reference, radii = np.asarray(reference, np.float64), np.asarray(radii, np.float64)
    if radii.shape != reference.shape[:1]:
        raise InputError(
            "radii-shape", f"radii must have shape {reference.shape[:1]} but have {radii.shape}."
        )
    return np.column_stack([reference, radii])


@dataclass(frozen=True)
class _Connections:
    """``at_reference``, ``at_evaluated``, ``length`` and ``inside`` (C,) each; ``radii``, ``along`` (N,) mm."""

    at_reference: npt.NDArray[np.intp]
    at_evaluated: npt.NDArray[np.intp]
    length: Array
    inside: npt.NDArray[np.bool_]
    radii: Array
    along: Array

    @classmethod
    def between(cls, reference: Array, radii: Array, evaluated: Array) -> _Connections:
        i, j = correspond(reference, evaluated).T
        length = np.linalg.norm(reference[i] - evaluated[j], axis=1)
        return cls(i, j, length, length <= radii[i], radii, arc_length(reference))

    def accuracy(self) -> CenterlineAccuracy:
        relevant = self._relevant_end()
        return CenterlineAccuracy(
            ov=self._overlap(len(self.length)),
            of=self._before(self.at_reference[~self.inside]),
            of_beyond_5mm=self._before(self._false_negatives(FORGIVEN_MM)),
            ot=self._overlap(relevant) if relevant else None,
            ad_mm=_mean(self.length),
            ai_mm=_mean(self.length[self.inside]),
            at_mm=_mean(self.length[:relevant]),
        )

    def _overlap(self, count: int) -> float:
        """TP / (TP + FN + FP) of the points that the first ``count`` connections reach."""
        points = (self.at_reference[:count], self.at_evaluated[:count])
        right = sum(len(np.unique(ends[self.inside[:count]])) for ends in points)
        return right / sum(int(ends[-1]) + 1 for ends in points)

    def _before(self, errors: npt.NDArray[np.intp]) -> float:
        """Fraction of the reference's points before the first of ``errors``."""
        return float(errors.min()) / len(self.radii) if len(errors) else 1.0

    def _false_negatives(self, beyond_mm: float) -> npt.NDArray[np.intp]:
        found = np.zeros(len(self.radii), bool)
        found[self.at_reference[self.inside]] = True
        return np.flatnonzero(~found & (self.along > beyond_mm))

    def _relevant_end(self) -> int:
        """Number of connections of the clinically relevant part.

        It ends with the last connection of the last wide point.  If that point is the end of the reference, it ends
        with the *first* connection there, as in the framework's tool: the part of the evaluated line beyond the
        reference is connected to this point but does not belong to the clinically relevant part.
        """
        wide = np.flatnonzero(self.radii >= RELEVANT_RADIUS_MM)
        if not len(wide):
            return 0
        connections = np.flatnonzero(self.at_reference == wide[-1])
        at_end = wide[-1] == len(self.radii) - 1
        return int(connections[0 if at_end else -1]) + 1


def _mean(values: Array) -> float | None:
    return float(values.mean()) if len(values) else None
