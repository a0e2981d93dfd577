"""Real CTs as backgrounds: ``hosts.json`` names each, roughly the middle of its heart, and its source.

    HOSTS/hosts.json  {"hosts": [{"folder": "one", "heart_mm": [x, y, z], "title": "...", "smooth_mm": 0, "weight": 1}]}
    HOSTS/one/        one CT volume as DICOM

``heart_mm`` is in LPS; ``enhance_hu`` is where faint contrast begins that is to be made strong; ``smooth_mm`` is the
standard deviation of a Gaussian against the noise of sharp kernels; ``weight`` is how often the CT is drawn beside the
others.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy import ndimage

from scanserve.contracts import InputError
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.geometry import Grid, resample
from scanserve.phantoms import ccta as phantom
from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.host import Host
from scanserve.phantoms.ccta.transplant import host_of
from scanserve.preprocessing import Volume, read_study
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta.seeds import TRAIN
from scanserve.training.ccta.worlds.scene import SCENE_MM, TREE, Scene, Tree, foreign_scene, joined

__all__ = ["FILE", "Hosts", "drawn_host", "host_bank", "host_scene", "read_hosts"]

FILE = "hosts.json"
#: Trees on the heart of a host, the share of worlds that use one, and the first of their seeds, after TRAIN's.
TREES, ALIGNED, TREE_SEEDS = 64, 0.75, 20_000_000
#: Share of the other worlds in which the CT is mirrored; how far the heart lies from the middle along an axis at most.
MIRRORED, OFF_MM = 0.3, 12.0
#: How many times stronger faint contrast becomes, and the value (HU) up to which it does.
ENHANCE, ENHANCED_HU = 6.0, 1200.0
#: How far (mm) a world can reach along an axis when turned and scaled: half of 172.8 mm, times 1.25 and about 1.3.
REACH_MM = 150.0


class HostEntry(BaseModel):
    """One CT of ``hosts.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    folder: str
    heart_mm: tuple[float, float, float]
    title: str
    smooth_mm: Annotated[float, Field(ge=0)] = 0.0
    enhance_hu: float | None = None
    weight: Annotated[float, Field(gt=0)] = 1.0


class Hosts(BaseModel):
    """The content of ``hosts.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts: Annotated[list[HostEntry], Field(min_length=1)]

    @property
    def title(self) -> str:
        """What a card says of them."""
        titles = "; ".join(entry.title for entry in self.hosts)
        return f"synthetic vessels in {len(self.hosts)} CTs ({titles})"


def read_hosts(folder: Path) -> Hosts:
    """The hosts in ``folder``.

    Raises:
        InputError: code ``hosts-invalid``.
    """
    try:
        return Hosts.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.errors()[0]["msg"]
        raise InputError("hosts-invalid", f"{folder.name} must hold a valid {FILE}: {reason}.") from error


def host_bank(cache: Path, folder: Path) -> Bank:
    """The hosts of ``folder``: ``hu`` int16 [z, y, x] at the voxel size of scenes, ``centre`` (z, y, x) of its heart.

    ``weight`` () float64 is how often it is drawn.

    Raises:
        InputError: code ``hosts-invalid``.
    """
    hosts = read_hosts(folder)
    name = hashlib.sha256(hosts.model_dump_json().encode()).hexdigest()[:12]
    code = fingerprint(phantom, sys.modules[__name__])
    return Bank(
        cache / f"hosts-{name}-{code}", 0, len(hosts.hosts), partial(make_host, folder=folder, hosts=hosts)
    )


def make_host(number: int, *, folder: Path, hosts: Hosts) -> dict[str, npt.NDArray]:
    """See :func:`host_bank`; the patient's own arteries are replaced by fat where they can be found.

    Where the heart itself is found, the arrays of a :class:`~scanserve.training.ccta.worlds.Tree`, with ``centre`` as
    the origin, hold trees on its surface, one after the other, and ``ends`` (T,) the end of each; elsewhere they are
    empty.
    """
    entry = hosts.hosts[number]
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
