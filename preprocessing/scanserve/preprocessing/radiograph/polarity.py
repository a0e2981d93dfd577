"""Whether a frontal film of the trunk shows dense tissue bright, as its pixels tell.

Headers lie: films exist that say MONOCHROME1 over pixels that are not inverted.  In every frontal film of the trunk the
middle, with spine and mediastinum, is denser than what lies beside it: lungs, gas and air.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["LEAST_CONTRAST", "Polarity", "contrast_of", "polarity_of"]

#: ``bright``: dense tissue is bright, as it should be.  ``dark``: it is dark.  ``unclear``: neither can be said.
Polarity = Literal["bright", "dark", "unclear"]

#: The contrast of middle and sides that speaks for either, of the full range.
LEAST_CONTRAST = 0.08
#: Shares of the height that are looked at, in rows of a grid; collimation and markers lie beyond.
ROWS = (0.1, 0.9)
#: Shares of the width around the brightest or darkest column that are the middle, and how far beside it sides begin.
HALF_MIDDLE, ASIDE = 0.06, 0.16
#: Films with fewer rows or columns are not judged.
LEAST_SIDE = 16
#: Rows and columns of the coarse film in which contrast is measured.
COARSE = 64


def polarity_of(values: npt.NDArray[np.floating]) -> Polarity:
    """The polarity of a film ``[row, column]``, 0 to 1."""
    contrast = contrast_of(values)
    if abs(contrast) < LEAST_CONTRAST:
        return "unclear"
    return "bright" if contrast > 0 else "dark"


def contrast_of(values: npt.NDArray[np.floating]) -> float:
    """Median over rows of the middle of the film less its sides, -1 to 1.

    The middle is around the centre of the film's content, so that a collimated border on one side does not move it.
    """
    if min(values.shape) < LEAST_SIDE:
        return 0.0
    coarse = _coarse(values)
    rows = coarse[int(ROWS[0] * len(coarse)) : int(ROWS[1] * len(coarse))]
    columns = np.arange(coarse.shape[1]) / max(coarse.shape[1] - 1, 1)
    best = 0.0
    for centre in np.linspace(0.35, 0.65, 13):
        distance = np.abs(columns - centre)
        middle = rows[:, distance <= HALF_MIDDLE].mean(axis=1)
        beside = (distance >= ASIDE) & (distance <= 2 * ASIDE)
        contrast = float(np.median(middle - rows[:, beside].mean(axis=1)))
        best = contrast if abs(contrast) > abs(best) else best
    return best


def _coarse(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Means of blocks, at most COARSE x COARSE of them."""
    rows, columns = (np.linspace(0, size, min(size, COARSE) + 1).astype(int)[:-1] for size in values.shape)
    sums = np.add.reduceat(np.add.reduceat(values.astype(np.float64), rows, axis=0), columns, axis=1)
    heights = np.diff(np.append(rows, values.shape[0]))
    widths = np.diff(np.append(columns, values.shape[1]))
    return sums / heights[:, None] / widths
