"""A host from DICOM: the CT around its heart at the voxel size of scenes, and trees on that heart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.contracts import InputError
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.geometry import Grid, resample
from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.transplant import host_of
from scanserve.preprocessing import Volume, read_study
from scanserve.training.ccta.hosts.listing import HostEntry
from scanserve.training.ccta.seeds import TRAIN
from scanserve.training.ccta.worlds.scene import SCENE_MM, TREE, Tree, joined

__all__ = ["make_host"]

#: Trees on the heart of a host, and the first of their seeds, after TRAIN's.
TREES, TREE_SEEDS = 64, 20_000_000
#: How many times stronger faint contrast becomes, and the value (HU) up to which it does.
ENHANCE, ENHANCED_HU = 6.0, 1200.0
#: How far (mm) a world can reach along an axis when turned and scaled: half of 172.8 mm, times 1.25 and about 1.3.
REACH_MM = 150.0


def make_host(folder: Path, entry: HostEntry) -> dict[str, npt.NDArray]:
    """The CT of an entry; the patient's own arteries are replaced by fat where they can be found.

    Returns:
        ``hu`` int16 [z, y, x] at the voxel size of scenes, ``centre`` (z, y, x) of its heart, and ``weight`` ()
        float64, how often it is drawn.  Where the heart itself is found, the arrays of a
        :class:`~scanserve.training.ccta.worlds.Tree`, with ``centre`` as the origin, hold trees on its surface, one
        after the other, and ``ends`` (T,) the end of each; elsewhere they are empty.

    Raises:
        StudyError: as :func:`~scanserve.preprocessing.read_study`.
    """
    volume = _prepared(read_study(folder / entry.folder).phases[0].load(), entry)
    host = _as_host(volume)
    hu = volume.hu.astype(np.float32) if host is None else host.hu
    around = _grid_around(volume, entry)
    fine = resample(hu, volume.grid, around, outside=AIR_HU)
    middle = np.array(entry.heart_mm)
    return {
        "hu": np.clip(np.rint(fine), AIR_HU, MAX_HU).astype(np.int16),
        "centre": (middle - around.origin)[::-1] / SCENE_MM,
        "weight": np.array(entry.weight),
        **_trees(host, middle - (volume.grid.origin - host.grid.origin) if host else middle),
    }


def _prepared(volume: Volume, entry: HostEntry) -> Volume:
    """The CT smoothed, and its contrast made stronger."""
    hu = ndimage.gaussian_filter(volume.hu.astype(np.float32), entry.smooth_mm / volume.grid.spacing[::-1])
    if entry.enhance_hu is not None:
        above = np.maximum(hu - entry.enhance_hu, 0)
        hu = np.minimum(hu + (ENHANCE - 1) * above, np.maximum(hu, ENHANCED_HU))
    return Volume(np.clip(np.rint(hu), AIR_HU, MAX_HU).astype(np.int16), volume.grid)


def _grid_around(volume: Volume, entry: HostEntry) -> Grid:
    """The grid of scenes as far as a turned world can reach from the heart, inside the CT."""
    low, high = volume.grid.bounds()
    first = np.maximum(low, np.array(entry.heart_mm) - REACH_MM)
    last = np.minimum(high, np.array(entry.heart_mm) + REACH_MM)
    size = np.floor((last - first) / SCENE_MM).astype(int) + 1
    return Grid(tuple(int(n) for n in size[::-1]), first, SCENE_MM)


def _as_host(volume: Volume) -> Host | None:
    """The CT with its heart measured; None where the heart cannot be found, as in a CT without contrast."""
    try:
        return host_of(volume)
    except InputError:
        return None


def _trees(host: Host | None, middle: npt.NDArray) -> dict[str, npt.NDArray]:
    """Trees of the training population on the surface of the heart of ``host``, from ``middle`` (x, y, z) mm."""
    trees = [] if host is None else [_tree_on(host, seed).about(middle[::-1]) for seed in range(TREES)]
    none = Tree.still(np.zeros((0, 3)), np.zeros(0), np.zeros(0, int))
    along = {"moved": 1}
    return {
        **{
            name: np.concatenate([getattr(tree, name) for tree in trees or [none]], axis=along.get(name, 0))
            for name in TREE
        },
        "ends": np.cumsum([len(tree.points) for tree in trees], dtype=np.int64),
    }


def _tree_on(host: Host, number: int) -> Tree:
    """A tree on the heart of a host at a random phase, in LPS."""
    seed = TRAIN.first_seed + TREE_SEEDS + number
    percent = float(np.random.default_rng(seed).uniform(0, 100))
    return joined(Anatomy.sample(seed, TRAIN.ranges, host), percent)
