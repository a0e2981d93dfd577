"""The images of one run, kept beside its :class:`~scanserve.client.ccta.result.Result` for the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["Overlay", "PlaneView", "Views"]


@dataclass(frozen=True)
class Overlay:
    """One vessel over a plane: its heat map's projection and its main path.

    ``heat`` [row, column] 0 to 1 with ``extent`` as matplotlib's (left, right, bottom, top) in mm; ``path``
    (M, 2) in the plane's (horizontal, vertical) mm; ``branches`` likewise, one array each.
    """

    vessel: str
    heat: npt.NDArray[np.float32]
    extent: tuple[float, float, float, float]
    path: npt.NDArray[np.float64]
    branches: tuple[npt.NDArray[np.float64], ...] = ()


@dataclass(frozen=True)
class PlaneView:
    """A projection of one phase's CT along one patient axis: ``image`` HU [row, column], LPS mm."""

    name: str
    image: npt.NDArray[np.int16]
    extent: tuple[float, float, float, float]
    axes: tuple[str, str]
    overlays: tuple[Overlay, ...] = ()


@dataclass(frozen=True)
class Views:
    """``straightened[vessel][phase]`` and ``recombined[vessel]``: int16 HU [step, row, column]; ``planes`` of
    ``plane_phase``, which is the best one overall.
    """

    straightened: Mapping[str, Mapping[str, npt.NDArray[np.int16]]]
    recombined: Mapping[str, npt.NDArray[np.int16]] = field(default_factory=dict)
    planes: tuple[PlaneView, ...] = ()
    plane_phase: str | None = None
