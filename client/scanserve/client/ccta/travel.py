"""How far a coronary artery travels between neighbouring cardiac phases: a second witness of its blur.

A vessel is blurred by its motion while the gantry takes its views.  That motion shows in one phase as blur, which is
what the quality network looks at; and between phases as a change of place.  Where the centerlines of the phases before
and after lie close to a phase's own, the heart rests there.  The idea is that of Hoffmann et al., *Automatic
determination of minimal cardiac motion phases for computed tomography imaging*, Eur Radiol 16 (2006) 365-373, who
subtract images of neighbouring phases; centerlines give it for each vessel on its own.

Motion along the vessel itself is not seen.

Symbols: P phases; N, M points of centerlines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

__all__ = ["NEAR_PERCENT", "SPAN_PERCENT", "Travel", "line_distance", "travel"]

Array = npt.NDArray[np.float64]

#: Travel is given in mm per so many percent of the R-R interval: the usual step between reconstructed phases.
SPAN_PERCENT = 10.0
#: Phases further apart in the beat say nothing of each other's motion.  One of ten phases may be missing between two,
#: wherever its percents are rounded: without looking across, the quiet side of its neighbour would be all that is known
#: (docs/accuracy.md).  Rest in systole and in diastole lie further apart.
NEAR_PERCENT = 22.0
#: A point further than this from the other centerline lies beyond its end: no coronary moves so far in a tenth of a
#: beat.
BEYOND_MM = 12.0
#: Fewer points beside each other, at half a millimetre, are no vessel to be compared.
FEWEST = 20


@dataclass(frozen=True)
class Travel:
    """How far a vessel moves around one phase.

    Attributes:
        mm: per :data:`SPAN_PERCENT` of the R-R interval, the mean of before and after, or of the one that is known.
        one_sided: how far away in the beat the only neighbour is, percent; None with one on each side.
    """

    mm: float
    one_sided: float | None = None


def travel(percents: Sequence[float | None], lines: Sequence[Array | None]) -> list[Travel | None]:
    """How far a vessel moves around each phase.

    Args:
        percents: place of each phase (P) in the R-R interval, 0 to 100; None where it is not known.
        lines: (N, 3) mm LPS, the centerline in each phase at equal steps; None where it was not found.

    Returns:
        The travel of each phase; None without a neighbour within :data:`NEAR_PERCENT`.
    """
    known = [
        (percent, number, line)
        for number, (percent, line) in enumerate(zip(percents, lines, strict=True))
        if percent is not None and line is not None
    ]
    known.sort(key=itemgetter(0, 1))
    steps: dict[int, list[tuple[float, float]]] = {number: [] for number in range(len(percents))}
    for (percent, number, line), (next_percent, next_number, next_line) in pairwise([*known, *known[:1]]):
        apart = (next_percent - percent) % 100.0
        distance = line_distance(line, next_line) if 0 < apart <= NEAR_PERCENT else None
        if distance is not None:
            steps[number].append((distance, apart))
            steps[next_number].append((distance, apart))
    return [_around(own) if own else None for own in steps.values()]


def _around(steps: Sequence[tuple[float, float]]) -> Travel:
    """The travel of a phase whose neighbours are so far away, mm and percent of the beat."""
    mm = float(np.mean([distance * SPAN_PERCENT / apart for distance, apart in steps]))
    return Travel(mm, steps[0][1] if len(steps) == 1 else None)


def line_distance(first: Array, second: Array) -> float | None:
    """The median distance of two centerlines where they run beside each other, mm; None where they do not.

    Args:
        first: (N, 3) mm, at equal steps.
        second: (M, 3) mm, at equal steps.
    """
    distance = np.concatenate([cKDTree(second).query(first)[0], cKDTree(first).query(second)[0]])
    beside = distance[distance <= BEYOND_MM]
    return float(np.median(beside)) if len(beside) >= FEWEST else None
