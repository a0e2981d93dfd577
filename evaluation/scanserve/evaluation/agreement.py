"""Agreement of ordered classes.

Symbols: K classes, worst to best; a confusion table is (K, K), with the truth in its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanserve.geometry.types import Array

__all__ = ["confusion", "quadratic_kappa"]


def confusion(truth: Sequence[int], found: Sequence[int], classes: int) -> npt.NDArray[np.int64]:
    """Count the pairs of true and found class: (K, K), with the truth in the rows.

    >>> confusion([0, 1, 1], [0, 1, 0], 2).tolist()
    [[1, 0], [1, 1]]
    """
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (np.asarray(truth, np.intp), np.asarray(found, np.intp)), 1)
    return table


def quadratic_kappa(table: npt.ArrayLike) -> Array:
    """Cohen's kappa, weighted by the squared distance between classes.

    ``1 - sum(w o) / sum(w e)`` with ``w = (i - j)^2``, o the table and e its expectation by chance
    (Cohen, Psychological Bulletin 70 (1968) 213-220): 1 is perfect, 0 is chance.

    Args:
        table: (..., K, K) counts; leading axes are separate tables.

    Returns:
        (...) kappa; NaN if no disagreement is expected by chance, as with a single class or no counts.
    """
    table = np.asarray(table, np.float64)
    index = np.arange(table.shape[-1])
    weight = (index[:, None] - index) ** 2
    total = table.sum((-2, -1))
    chance = (weight * table.sum(-1)[..., :, None] * table.sum(-2)[..., None, :]).sum((-2, -1))
    seen = (weight * table).sum((-2, -1)) * total
    share = np.divide(seen, chance, out=np.full(np.shape(total), np.nan), where=chance > 0)
    return np.subtract(1.0, share)
