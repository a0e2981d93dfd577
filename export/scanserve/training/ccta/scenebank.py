"""Scenes of phantoms on disk, made once by worker processes, from which worlds are made while a network learns."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.phantoms import ccta as phantom
from scanserve.phantoms.ccta import Ranges
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta.seeds import Split
from scanserve.training.ccta.worlds import Scene, phantom_scene
from scanserve.training.ccta.worlds import scene as scenes

__all__ = ["make_scene", "scene_bank", "scene_of"]

#: The arrays of a scene.
ARRAYS = ("hu", "centre", "points", "radii", "vessel")


def scene_bank(cache: Path, split: Split, count: int) -> Bank:
    """``count`` scenes of phantoms of ``split``, with their trees."""
    code = fingerprint(phantom, scenes, sys.modules[__name__])
    folder = cache / f"scenes-{split.ranges.name}-{code}"
    return Bank(folder, split.first_seed, count, partial(make_scene, ranges=split.ranges))


def make_scene(seed: int, *, ranges: Ranges) -> dict[str, npt.NDArray]:
    """The arrays of :class:`~scanserve.training.ccta.worlds.Scene` of a seed."""
    scene = phantom_scene(seed, ranges)
    return {name: np.asarray(getattr(scene, name)) for name in ARRAYS}


def scene_of(arrays: Mapping[str, npt.NDArray]) -> Scene:
    """The scene of what :func:`make_scene` returned."""
    hu, centre, points, radii, vessel = (np.asarray(arrays[name]) for name in ARRAYS)
    return Scene(hu, centre, points, radii, vessel)
