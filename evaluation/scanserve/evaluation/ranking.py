"""Agreement of a ranking of cardiac phases with their true motion blur.

Symbols: P phases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from scanserve.contracts import InputError
from scanserve.geometry.types import Array

__all__ = ["RankingAccuracy", "compare_ranking", "rank_correlation"]

#: Phases whose blur differs by less are equally good: half of the last digit of the blur in a truth.
EQUAL_BLUR_MM = 0.0005
#: Phases whose blur differs by no more look alike: a quarter of the smallest pixel of a cardiac CT.
NEAR_BLUR_MM = 0.1


@dataclass(frozen=True)
class RankingAccuracy:
    """Agreement of one ranking with the truth; undefined values are None.

    Attributes:
        chosen: index of the phase ranked first; None if no phase was ranked.
        top1: whether that phase has the least blur; False if no phase was ranked, None for a single phase.
        top2: whether a phase of least blur is among the first two; None for fewer than three phases.
        near: whether the phase ranked first has at most NEAR_BLUR_MM more blur than the best; as top1 otherwise.
        excess_blur_mm: blur of the chosen phase in excess of the least; None if no phase was ranked.
        spearman: rank correlation (rho) of position and blur, 1 for the true order and -1 for its reverse.
        kendall: the same as tau-b, from concordant and discordant pairs.
    """

    chosen: int | None
    top1: bool | None
    top2: bool | None
    near: bool | None
    excess_blur_mm: float | None
    spearman: float | None
    kendall: float | None


def compare_ranking(blur_mm: npt.ArrayLike, position: npt.ArrayLike) -> RankingAccuracy:
    """Compare the positions of phases with their blur.

    Args:
        blur_mm: (P,) true motion blur of each phase; the least is best.
        position: (P,) position of each phase, 1 is best and ties share one; NaN for an unranked phase.  Unranked
            phases share the position after the last.

    Raises:
        InputError: code ``ranking-shape``.
    """
    blur, place = np.asarray(blur_mm, np.float64), np.asarray(position, np.float64)
    if blur.ndim != 1 or blur.shape != place.shape or not len(blur):
        raise InputError(
            "ranking-shape", f"blur and position must both be (P,) but are {blur.shape} and {place.shape}."
        )
    ranked = np.flatnonzero(np.isfinite(place))
    first = ranked[np.argsort(place[ranked], kind="stable")]
    last = place[ranked].max() + 1 if len(ranked) else 1.0
    place = np.where(np.isfinite(place), place, last)
    best = np.flatnonzero(blur <= blur.min() + EQUAL_BLUR_MM)
    return RankingAccuracy(
        chosen=int(first[0]) if len(first) else None,
        top1=_hit(best, first[:1]) if len(blur) > 1 else None,
        top2=_hit(best, first[:2]) if len(blur) > 2 else None,
        near=_hit(np.flatnonzero(blur <= blur.min() + NEAR_BLUR_MM), first[:1]) if len(blur) > 1 else None,
        excess_blur_mm=float(blur[first[0]] - blur.min()) if len(first) else None,
        spearman=rank_correlation(place, blur),
        kendall=_defined(stats.kendalltau, place, blur),
    )


def rank_correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> float | None:
    """Spearman's rho of two sets of values (K,), with ties at their mean rank.

    None for fewer than two values, and if all values of a set are equal.

    >>> rank_correlation([1, 2, 3], [10, 30, 20])
    0.5
    """
    return _defined(stats.spearmanr, np.asarray(first, np.float64), np.asarray(second, np.float64))


def _defined(measure, first: Array, second: Array) -> float | None:
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(measure(first, second).statistic)


def _hit(wanted: npt.NDArray[np.intp], given: npt.NDArray[np.intp]) -> bool:
    return bool(np.isin(wanted, given).any())
