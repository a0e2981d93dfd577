"""From heat maps to the length of their skeletons, mm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scanserve.perf.peers import Peer

if TYPE_CHECKING:
    from scanserve.geometry import HeatMap

__all__ = ["skeletonizers"]

#: How far around a path no further one begins: in radii, and in mm (kimimaro's own are for nanometres of neurons).
_TEASAR = {"scale": 1.5, "const": 1.0}


def skeletonizers(heatmaps: Sequence[HeatMap]) -> list[Peer]:
    """Every library that makes skeletons of ``heatmaps``; their thresholds are ours."""
    return [
        Peer("scikit-image and skan", lambda: _skan(heatmaps)),
        Peer("kimimaro (TEASAR)", lambda: _kimimaro(heatmaps)),
    ]


def _warm(heatmap: HeatMap) -> npt.NDArray[np.bool_]:
    from scanserve.client.ccta.options import CORONARY
    from scanserve.geometry.heatmap import HOTTEST

    return heatmap.values >= CORONARY.skeleton.low * HOTTEST


def _skan(heatmaps: Sequence[HeatMap]) -> Callable[[], list[float]]:
    import skan
    from skimage.morphology import skeletonize

    def length(heatmap: HeatMap) -> float:
        lines = skan.Skeleton(skeletonize(_warm(heatmap)), spacing=heatmap.grid.spacing[::-1])
        return float(skan.summarize(lines, separator="-")["branch-distance"].sum())

    return lambda: [length(heatmap) for heatmap in heatmaps]


def _kimimaro(heatmaps: Sequence[HeatMap]) -> Callable[[], list[float]]:
    import kimimaro

    def length(heatmap: HeatMap) -> float:
        spacing = tuple(float(value) for value in heatmap.grid.spacing[::-1])
        labels = _warm(heatmap).astype(np.uint8)
        found = kimimaro.skeletonize(
            labels, teasar_params=_TEASAR, anisotropy=spacing, dust_threshold=0, progress=False
        )
        return float(sum(skeleton.cable_length() for skeleton in found.values()))

    return lambda: [length(heatmap) for heatmap in heatmaps]
