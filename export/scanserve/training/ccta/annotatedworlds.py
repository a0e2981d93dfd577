"""Samples of both heat-map networks from annotated phases, as :mod:`~scanserve.training.ccta.worldbank` has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scanserve.contracts.ccta import VESSELS
from scanserve.geometry import Grid, resample_path
from scanserve.training.bank import Bank
from scanserve.training.ccta import worldbank
from scanserve.training.ccta.annotatedbank import AnnotatedHeart, open_phase, phase_bank
from scanserve.training.ccta.seeds import Split
from scanserve.training.ccta.worldbank import WORLD_STREAM, Arrays, sample_of
from scanserve.training.ccta.worlds import Scene, Tree, make_world
from scanserve.training.ccta.worlds.scene import SCENE_MM, SCENE_VOXELS

__all__ = ["annotated_world_bank", "make_annotated_sample"]

#: Spacing of the samples of annotated lines, mm.
DRAWN_MM = 0.5


def annotated_world_bank(cache: Path, data: Path, split: Split) -> Bank:
    """A world of every annotated phase of ``data/<split>``."""
    return phase_bank(cache, data, split, make_annotated_sample, worldbank)


def make_annotated_sample(folder: Path, number: int) -> Arrays:
    """The arrays of :func:`~scanserve.training.ccta.worldbank.make_sample` for an annotated phase."""
    rng = np.random.default_rng((number, WORLD_STREAM))
    return sample_of(make_world(_scene(open_phase(folder, number)), rng), rng)


def _scene(heart: AnnotatedHeart) -> Scene:
    """An annotated phase on the grid of scenes; its vessels are in the image."""
    middle = heart.volume.grid.centre
    hu = np.rint(heart.hu(Grid.centred((SCENE_VOXELS,) * 3, SCENE_MM, middle))).astype(np.int16)
    lines = [
        (number, resample_path(line, DRAWN_MM))
        for number, vessel in enumerate(VESSELS)
        for line in getattr(heart.drawn.vessel(vessel.abbreviation), "lines", ())
    ]
    points = (np.concatenate([line for _, line in lines]) - middle)[:, ::-1]
    vessel = np.concatenate([np.full(len(line), number) for number, line in lines])
    tree = Tree.still(points, np.ones(len(points)), vessel)
    return Scene(hu, np.full(3, (SCENE_VOXELS - 1) / 2), tree, painted=True, real=True)
