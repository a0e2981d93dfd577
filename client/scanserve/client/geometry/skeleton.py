"""Heat map to skeleton voxels: hysteresis, evidence, thinning.

Work is done on the bounding box of what is warm: a coronary artery fills a few percent of its crop.

Symbols: S skeleton voxels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scanserve.client.geometry.heatmap import HOTTEST, check_heatmap
from scipy import ndimage
from skimage.morphology import skeletonize

__all__ = ["SkeletonOptions", "skeletonize_heatmap"]


@dataclass(frozen=True)
class SkeletonOptions:
    """What counts as a vessel in a heat map.

    Attributes:
        high: a component must reach this heat: half of a centerline's, where a network's doubt is even.
        low: and it extends as far as this: on a Gaussian ridge 1.7 sigma from the line, wide enough to stay
            connected where the ridge falls to a third of its height, narrow enough not to touch neighbours.
        minimum_hot_voxels: fewer voxels above ``high`` are noise: about 2 mm of a ridge on the crop grid.
    """

    high: float = 0.5
    low: float = 0.25
    minimum_hot_voxels: int = 24


def skeletonize_heatmap(
    heatmap: npt.NDArray[np.uint8], options: SkeletonOptions | None = None
) -> npt.NDArray[np.intp]:
    """Thin a heat map to lines of single voxels, with their topology (Lee, Kashyap, Chu 1994).

    Args:
        heatmap: uint8 ``[z, y, x]``.
        options: thresholds.

    Returns:
        (S, 3) indices ``(z, y, x)`` in raster order; S is 0 when nothing holds enough evidence.  Voxels of
        different components are not joined here: see :func:`~scanserve.client.geometry.graph.bridge_gaps`.

    Raises:
        InputError: code ``heatmap-shape``.
    """
    check_heatmap(heatmap)
    options = options or SkeletonOptions()
    box = _bounding_box(heatmap >= options.low * HOTTEST)
    if box is None:
        return np.empty((0, 3), dtype=np.intp)
    mask = _with_evidence(heatmap[box], options)
    corner = np.array([side.start for side in box], dtype=np.intp)
    return np.argwhere(skeletonize(mask)) + corner if mask.any() else np.empty((0, 3), dtype=np.intp)


def _bounding_box(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice, slice] | None:
    flat = mask.any(axis=0)
    profiles = (mask.any(axis=(1, 2)), flat.any(axis=1), flat.any(axis=0))
    sides = [np.flatnonzero(profile) for profile in profiles]
    return tuple(slice(s[0], s[-1] + 1) for s in sides) if sides[0].size else None


def _with_evidence(heatmap: npt.NDArray[np.uint8], options: SkeletonOptions) -> npt.NDArray[np.bool_]:
    """Hysteresis and evidence in one labelling: components of what is warm that hold enough hot voxels."""
    labels, count = ndimage.label(heatmap >= options.low * HOTTEST, structure=np.ones((3, 3, 3), dtype=bool))
    hot = np.bincount(labels[heatmap >= options.high * HOTTEST], minlength=count + 1)
    keep = hot >= max(1, options.minimum_hot_voxels)
    keep[0] = False
    return keep[labels]
