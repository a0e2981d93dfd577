"""Percentile bootstrap of statistics that depend only on sums.

Means, ratios of sums and kappas are functions of sums over the resampled units.  A resample is a vector of
multinomial counts, and its sums are a matrix product: thousands of resamples take milliseconds.

Symbols: U units (studies, or the vessels of a single study), F summands per unit, R resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.geometry.types import Array

__all__ = ["LEVEL", "RESAMPLES", "SEED", "Interval", "bootstrap", "ratio", "summed"]

#: Fraction of resamples within the interval.
LEVEL = 0.95
#: At 95 % the limits are the 50th lowest and highest values, stable to about the second digit.
RESAMPLES = 2000
#: A fixed seed makes intervals reproducible.
SEED = 0


@dataclass(frozen=True)
class Interval:
    """A value and its interval: the value is None if undefined, the limits are None for fewer than 2 units."""

    value: float | None
    low: float | None
    high: float | None

    def text(self, digits: int) -> str:
        """The value with ``digits`` decimals, followed by the interval in brackets if there is one.

        >>> Interval(0.5, 0.25, 0.75).text(2)
        '0.50 [0.25, 0.75]'
        """
        if self.value is None:
            return "-"
        if self.low is None or self.high is None:
            return f"{self.value:.{digits}f}"
        return f"{self.value:.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"


def bootstrap(
    summands: npt.ArrayLike,
    statistic: Callable[[Array], Array],
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = SEED,
) -> Interval:
    """Compute the statistic of all units and its percentile interval by resampling whole units.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.

    Args:
        summands: (U, F) contribution of each unit to the sums.
        statistic: function of sums (..., F) to values (...), NaN where undefined.  Resamples with an undefined
            value are left out of the interval.
        resamples: number R of resamples.
        level: fraction of resamples within the interval.
        seed: seed of the resampling.
    """
    summands = np.asarray(summands, np.float64)
    value = _number(statistic(summands.sum(axis=0)))
    units = len(summands)
    if value is None or units < 2:
        return Interval(value, None, None)
    counts = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=resamples)
    values = statistic(counts @ summands)
    low, high = np.quantile(values[np.isfinite(values)], [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


def summed(summands: npt.ArrayLike, units: Sequence[Hashable]) -> Array:
    """The contributions (U, F) of units to the sums, from those (N, F) of items that each belong to one of ``units``.

    >>> summed([[1, 1], [2, 1], [5, 1]], ["a", "b", "a"]).tolist()
    [[6.0, 2.0], [2.0, 1.0]]
    """
    rows = np.asarray(summands, np.float64)
    numbers = {unit: number for number, unit in enumerate(dict.fromkeys(units))}
    out = np.zeros((len(numbers), rows.shape[1]))
    np.add.at(out, [numbers[unit] for unit in units], rows)
    return out


def ratio(sums: npt.ArrayLike) -> Array:
    """The statistic of means and shares: the first of two sums (..., 2) over the second, NaN if that is 0."""
    sums = np.asarray(sums)
    out = np.full(sums.shape[:-1], np.nan)
    return np.divide(sums[..., 0], sums[..., 1], out=out, where=sums[..., 1] > 0)


def _number(value: npt.ArrayLike) -> float | None:
    return float(value) if np.isfinite(value) else None  # type: ignore[arg-type]
