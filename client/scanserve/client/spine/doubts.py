"""Which vertebrae a reader should look at first, and why."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.client.spine.placement import Points
from scanserve.contracts.spine import VERTEBRAE

__all__ = ["LEAST_MEAN", "LEAST_PEAK", "LEAST_SEEN", "doubts_of", "is_truncated", "order_of_doubt"]

#: A corner whose heat map has a lower peak makes its vertebra doubtful, and so does a lower mean of all its corners.
#: The mean was chosen on 64 validation phantoms, where it doubts one right vertebra of 25 (docs/spine.md).
LEAST_PEAK, LEAST_MEAN = 0.4, 0.76
#: Where the median of all peaks is lower no spine was seen: noise gives 0.1 to 0.4, films of spines 0.6 to 0.95.
LEAST_SEEN = 0.5
#: Heights and widths that differ from the mean of the two neighbours by more than this share are doubtful.
SIZE_SHARE = 0.5
#: A gap to the vertebra below of more than this share of the height, or an overlap of more than that, is doubtful.
GAP_SHARE, OVERLAP_SHARE = 0.9, 0.35
#: A distance of two centres is doubtful if its logarithm differs by more than this from the trend, a parabola.
TREND = 0.2
#: So close to the border of the film a corner is taken to be cut off; share of the film's height.
BORDER_SHARE = 0.004


def doubts_of(
    points: Points, peaks: npt.NDArray[np.float64], fixed: npt.NDArray[np.bool_], shape: tuple[int, int]
) -> list[list[str]]:
    """The doubts about every vertebra, in words; none about one that a reader has fixed as a whole.

    Args:
        points: (68, 2) in pixels of the film; ``peaks`` and ``fixed`` (68,).
        shape: rows, columns.
    """
    corners, whole = points.reshape(-1, 4, 2), fixed.reshape(-1, 4).all(axis=1)
    found: list[list[str]] = [[] for _ in VERTEBRAE]
    for index, doubts in enumerate(found):
        if whole[index]:
            continue
        free = ~fixed.reshape(-1, 4)[index]
        doubts.extend(_peak_doubts(peaks.reshape(-1, 4)[index][free]))
        doubts.extend(_shape_doubts(corners, index))
        if _at_border(corners[index], shape):
            doubts.append("it lies at the border of the film")
    return found


def _peak_doubts(peaks: npt.NDArray[np.float64]) -> list[str]:
    """Doubts from the peaks of the corners that no reader has fixed."""
    if peaks.min() < LEAST_PEAK:
        return [f"a corner has little certainty ({peaks.min():.2f})"]
    if peaks.mean() < LEAST_MEAN:
        return [f"its corners have little certainty ({peaks.mean():.2f})"]
    return []


def _shape_doubts(corners: Points, index: int) -> list[str]:
    sizes = np.stack([_heights(corners), _widths(corners)])
    neighbours = [other for other in (index - 1, index + 1) if 0 <= other < len(corners)]
    usual = sizes[:, neighbours].mean(axis=1)
    doubts = []
    for word, own, mean in zip(("height", "width"), sizes[:, index], usual, strict=True):
        if mean <= 0 or abs(own / mean - 1) > SIZE_SHARE:
            doubts.append(f"its {word} does not fit its neighbours")
    if index + 1 < len(corners):
        step = corners[index + 1, :2].mean(axis=0) - corners[index, 2:].mean(axis=0)
        gap = float(step @ _down(corners[index])) / max(float(sizes[0, index]), 1e-6)
        if not -OVERLAP_SHARE <= gap <= GAP_SHARE or abs(_off_trend(corners)[index]) > TREND:
            doubts.append(f"its distance to {VERTEBRAE[index + 1]} is unusual")
    return doubts


def _off_trend(corners: Points) -> Points:
    """By how much each distance of two centres differs from the trend, as logarithms."""
    distances = np.linalg.norm(np.diff(corners.mean(axis=1), axis=0), axis=1)
    places, logs = np.arange(len(distances)), np.log(np.maximum(distances, 1e-6))
    return logs - np.polyval(np.polyfit(places, logs, 2), places)


def _heights(corners: Points) -> Points:
    return np.linalg.norm(corners[:, 2:].mean(axis=1) - corners[:, :2].mean(axis=1), axis=1)


def _widths(corners: Points) -> Points:
    return np.linalg.norm(corners[:, [1, 3]].mean(axis=1) - corners[:, [0, 2]].mean(axis=1), axis=1)


def _down(corners: Points) -> Points:
    """Unit vector from the upper to the lower edge of one vertebra."""
    way = corners[2:].mean(axis=0) - corners[:2].mean(axis=0)
    return way / max(float(np.linalg.norm(way)), 1e-6)


def _at_border(corners: Points, shape: tuple[int, int]) -> bool:
    rows, columns = shape
    edge = BORDER_SHARE * rows
    inside = (corners > edge) & (corners < np.array([columns - 1, rows - 1]) - edge)
    return not bool(inside.all())


def is_truncated(points: Points, peaks: npt.NDArray[np.float64], shape: tuple[int, int]) -> bool:
    """Whether the first or the last vertebra lies at the border of the film, or was hardly found there."""
    corners, sure = points.reshape(-1, 4, 2), peaks.reshape(-1, 4).max(axis=1)
    return any(_at_border(corners[index], shape) or sure[index] < LEAST_PEAK / 2 for index in (0, -1))


def order_of_doubt(doubts: list[list[str]], peaks: npt.NDArray[np.float64]) -> list[int]:
    """Indices of the doubtful vertebrae, the most doubtful first."""
    mean = peaks.reshape(-1, 4).mean(axis=1)
    doubtful = [index for index, found in enumerate(doubts) if found]
    return sorted(doubtful, key=lambda index: (-len(doubts[index]), float(mean[index])))
