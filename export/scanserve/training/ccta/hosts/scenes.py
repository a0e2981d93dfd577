"""Scenes in hosts: a tree on the heart of a CT, or anywhere near it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scanserve.training.ccta.worlds.scene import SCENE_MM, TREE, Scene, Tree, foreign_scene

__all__ = ["drawn_host", "host_scene"]

#: Share of worlds that use a tree on the heart of the host, where there are any.
ALIGNED = 0.75
#: Share of the other worlds in which the CT is mirrored; how far the heart lies from the middle along an axis at most.
MIRRORED, OFF_MM = 0.3, 12.0


def drawn_host(hosts: Sequence[Mapping[str, npt.NDArray]], rng: np.random.Generator) -> int:
    """The number of a random host, by their weights."""
    weights = np.array([float(host["weight"]) for host in hosts])
    return int(rng.choice(len(hosts), p=weights / weights.sum()))


def host_scene(host: Mapping[str, npt.NDArray], tree: Callable[[], Tree], rng: np.random.Generator) -> Scene:
    """A host with a tree on its heart, or, sometimes mirrored, with ``tree`` anywhere near it."""
    hu, centre, ends = host["hu"], np.array(host["centre"]), host["ends"]
    if len(ends) and rng.random() < ALIGNED:
        number = int(rng.integers(len(ends)))
        part = slice(int(ends[number - 1]) if number else 0, int(ends[number]))
        own = Tree(*(host[name] for name in TREE)).part(part)
        shift = rng.uniform(-OFF_MM, OFF_MM, 3)
        return Scene(hu, centre + shift / SCENE_MM, own.about(shift), real=True)
    mirrored = rng.random() < MIRRORED
    if mirrored:
        hu, centre[2] = hu[:, :, ::-1], hu.shape[2] - 1 - centre[2]
    placed = foreign_scene(hu, centre + rng.uniform(-OFF_MM, OFF_MM, 3), tree(), real=True)
    return replace(placed, mirrored=mirrored)
