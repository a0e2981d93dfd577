"""Tests for differences between methods on the same subjects: Friedman, Dunn, Holm.

Symbols: N subjects, K methods, M comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import friedmanchisquare, norm, rankdata

from scanserve.geometry.types import Array

__all__ = ["Comparison", "Friedman", "dunn", "friedman", "holm"]


@dataclass(frozen=True)
class Friedman:
    """Friedman's test: the statistic, its p value, and the number of subjects."""

    chi_square: float
    p: float
    subjects: int


@dataclass(frozen=True)
class Comparison:
    """Two methods by index: z, the difference of their mean ranks over its standard error; p; and p after Holm."""

    first: int
    second: int
    z: float
    p: float
    p_holm: float


def friedman(values: npt.ArrayLike) -> Friedman | None:
    """Test whether K methods differ on N subjects, corrected for ties (``scipy.stats.friedmanchisquare``).

    Args:
        values: (N, K).

    Returns:
        None if undefined: fewer than 3 methods or 2 subjects, or all values of every subject equal.
    """
    values = np.asarray(values, np.float64)
    subjects, methods = values.shape
    if methods < 3 or subjects < 2 or bool((values == values[:, :1]).all()):
        return None
    found = friedmanchisquare(*values.T)
    return Friedman(float(found.statistic), float(found.pvalue), subjects)


def dunn(values: npt.ArrayLike) -> list[Comparison]:
    """Compare every pair of methods by mean ranks within subjects: Dunn's test with Holm's correction.

    ``z = (R_i - R_j) / sqrt(K (K + 1) / (6 N))`` with the mean ranks R (Dunn, Technometrics 6 (1964) 241-252, in its
    form for Friedman's ranks); p is two-sided.

    Args:
        values: (N, K), N at least 1; a higher value has a higher rank.
    """
    values = np.asarray(values, np.float64)
    subjects, methods = values.shape
    ranks = rankdata(values, axis=1).mean(axis=0)
    error = np.sqrt(methods * (methods + 1) / (6 * subjects))
    pairs = list(combinations(range(methods), 2))
    z = [float((ranks[i] - ranks[j]) / error) for i, j in pairs]
    p = [float(2 * norm.sf(abs(value))) for value in z]
    return [Comparison(*pair, *found) for pair, *found in zip(pairs, z, p, holm(p).tolist(), strict=True)]


def holm(p: Sequence[float]) -> Array:
    """Correct p values (M,) for M comparisons (Holm, Scandinavian Journal of Statistics 6 (1979) 65-70).

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, np.float64)
    order = np.argsort(values)
    stepped = values[order] * np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return corrected
