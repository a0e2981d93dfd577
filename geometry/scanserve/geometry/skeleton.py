"""Heat map to skeleton voxels: hysteresis, evidence, thinning.

Only the bounding box of the warm voxels is processed: a vessel fills a few percent of its crop.

Thinning is scikit-image's.  Its implementation (0.26) erodes a bar of even width from its ends: a bar of 2 x 2 or
4 x 4 voxels vanishes completely.  Such a vessel is rare, but it would be lost silently.  So the mask is checked
against its skeleton; if a piece is missing, the mask is dilated by one voxel and thinned again.

Symbols: S skeleton voxels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage.morphology import skeletonize

from scanserve.contracts import ResultError
from scanserve.geometry.heatmap import HOTTEST, check_heatmap
from scanserve.geometry.types import Index, Mask

__all__ = ["SkeletonOptions", "skeletonize_heatmap"]


@dataclass(frozen=True)
class SkeletonOptions:
    """The criteria for a vessel in a heat map.

    Attributes:
        high: heat, 0 to 1, that a component must reach.
        low: heat down to which a component extends.
        minimum_hot_voxels: a component with fewer voxels above ``high`` is noise.
        lost_voxels: a voxel of the mask further than this from the skeleton, in voxels, belongs to a piece that
            thinning lost; about twice the radius of a ridge at ``low``, so that end caps do not count.
        most_warm_voxels: a map with more voxels above ``low`` shows no vessel.  It bounds the time of thinning.
        most_line_voxels: a skeleton of more voxels is no vessel.  It bounds what works on the skeleton.
    """

    high: float
    low: float
    minimum_hot_voxels: int
    lost_voxels: float
    most_warm_voxels: int
    most_line_voxels: int


def skeletonize_heatmap(heatmap: npt.NDArray[np.uint8], options: SkeletonOptions) -> Index:
    """Thin a heat map to lines of single voxels, with their topology (Lee, Kashyap, Chu 1994).

    Args:
        heatmap: uint8 ``[z, y, x]``.
        options: thresholds.

    Returns:
        (S, 3) indices ``(z, y, x)`` in raster order; S is 0 if no component has enough evidence.  Components are
        not joined here: see :func:`~scanserve.geometry.gaps.bridge_gaps`.

    Raises:
        InputError: code ``heatmap-shape``.
        ResultError: code ``heatmap-implausible``.
    """
    check_heatmap(heatmap)
    warm = heatmap >= options.low * HOTTEST
    _check_most("warm voxels", int(np.count_nonzero(warm)), options.most_warm_voxels)
    box = _bounding_box(warm)
    if box is None:
        return np.empty((0, 3), dtype=np.intp)
    voxels = _thinned(_with_evidence(heatmap[box], options), options.lost_voxels)
    _check_most("voxels on its centerlines", len(voxels), options.most_line_voxels)
    return voxels + np.array([side.start for side in box], dtype=np.intp)


def _check_most(what: str, came: int, most: int) -> None:
    if came > most:
        raise ResultError(
            "heatmap-implausible", f"the heat map of a vessel must have at most {most} {what} but has {came}."
        )


def _thinned(mask: Mask, lost_voxels: float) -> Index:
    """Skeleton voxels (S, 3) of a mask, or of the dilated mask if that loses less."""
    skeleton = np.argwhere(skeletonize(mask))
    lost = _lost(mask, skeleton, lost_voxels)
    if not lost:
        return skeleton
    room = np.pad(mask, 1)
    wider = np.argwhere(skeletonize(ndimage.binary_dilation(room, np.ones((2, 2, 2), dtype=bool)))) - 1
    wider = wider[mask[tuple(np.clip(wider, 0, np.array(mask.shape) - 1).T)] & (wider >= 0).all(axis=1)]
    return wider if _lost(mask, wider, lost_voxels) < lost else skeleton


def _lost(mask: Mask, skeleton: Index, lost_voxels: float) -> int:
    """The number of mask voxels without a skeleton voxel near them."""
    voxels = np.argwhere(mask)
    if not len(skeleton):
        return len(voxels)
    near, _ = cKDTree(skeleton).query(voxels, distance_upper_bound=lost_voxels)
    return int(np.isinf(near).sum())


def _bounding_box(mask: Mask) -> tuple[slice, slice, slice] | None:
    flat = mask.any(axis=0)
    profiles = (mask.any(axis=(1, 2)), flat.any(axis=1), flat.any(axis=0))
    if not flat.any():
        return None
    z, y, x = (np.flatnonzero(profile)[[0, -1]] for profile in profiles)
    return slice(z[0], z[1] + 1), slice(y[0], y[1] + 1), slice(x[0], x[1] + 1)


def _with_evidence(heatmap: npt.NDArray[np.uint8], options: SkeletonOptions) -> Mask:
    """Hysteresis and evidence in one labelling: the warm components with enough hot voxels."""
    labels, count = ndimage.label(heatmap >= options.low * HOTTEST, structure=np.ones((3, 3, 3), dtype=bool))
    hot = np.bincount(labels[heatmap >= options.high * HOTTEST], minlength=count + 1)
    keep = hot >= max(1, options.minimum_hot_voxels)
    keep[0] = False
    return keep[labels]
