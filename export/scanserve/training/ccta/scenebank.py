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
from scanserve.training.ccta.worlds import Scene, Tree, phantom_scene
from scanserve.training.ccta.worlds import scene as scenes
from scanserve.training.ccta.worlds.scene import TREE

__all__ = ["make_scene", "scene_bank", "scene_of"]

#: The arrays of a scene beside those of its tree.
IMAGE = ("hu", "centre")


def scene_bank(cache: Path, split: Split, count: int) -> Bank:
    """``count`` scenes of phantoms of ``split``, with their trees."""
    code = fingerprint(phantom, scenes, sys.modules[__name__])
    folder = cache / f"scenes-{split.ranges.name}-{code}"
    return Bank(folder, split.first_seed, count, partial(make_scene, ranges=split.ranges))


def make_scene(seed: int, *, ranges: Ranges) -> dict[str, npt.NDArray]:
    """The arrays of :class:`~scanserve.training.ccta.worlds.Scene` of a seed."""
    scene = phantom_scene(seed, ranges)
    image = {name: np.asarray(getattr(scene, name)) for name in IMAGE}
    return image | {name: np.asarray(getattr(scene.tree, name)) for name in TREE}


def scene_of(arrays: Mapping[str, npt.NDArray]) -> Scene:
    """The scene of what :func:`make_scene` returned."""
    hu, centre = (np.asarray(arrays[name]) for name in IMAGE)
    return Scene(hu, centre, Tree(*(np.asarray(arrays[name]) for name in TREE)))
