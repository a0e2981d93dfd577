"""Samples of both heat-map networks from one random world: the coarse grid, and patches at crop resolution."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scanserve.contracts.ccta import (
    COARSE_BLOCK,
    COARSE_SHAPE,
    COARSE_SIGMA_MM,
    EVIDENCE_HIGH,
    FINE_SIGMA_MM,
    HU_HIGH,
    HU_LOW,
    VESSELS,
    WORKING_SHAPE,
    WORKING_SPACING_MM,
)
from scanserve.networks import ccta as networks
from scanserve.networks.ccta.evidence import coarse_channels
from scanserve.phantoms import ccta as phantom
from scanserve.phantoms.ccta import Ranges
from scanserve.phantoms.ccta.heatmap import CUT_SIGMA
from scanserve.training.bank import Bank, fingerprint
from scanserve.training.ccta import worlds
from scanserve.training.ccta.hosts import drawn_host, host_bank, host_scene
from scanserve.training.ccta.seeds import Split
from scanserve.training.ccta.worlds import Scene, World, make_world, phantom_scene
from scanserve.training.ccta.worlds.frame import to_index
from scanserve.training.ccta.worlds.nearest import nearest
from scanserve.training.ccta.worlds.scene import foreign_scene, phantom_tree
from scanserve.training.recipe import Sources

__all__ = [
    "PATCH",
    "as_channels",
    "make_sample",
    "sample_of",
    "world_bank",
]

#: Patches of a world, their edge in voxels, the share that lies around the vessel and how far from it along each axis.
PATCHES, PATCH, AROUND, OFF_VOXELS = 4, 64, 0.8, 20
#: Share of worlds in a real CT, and share of the other worlds with a foreign tree.
IN_HOSTS, FOREIGN = 0.6, 0.2
#: Worlds are never made from the seed of their heart alone: the phantom draws from that.
WORLD_STREAM, TREE_SEEDS = 5, 10_000_000

Arrays = dict[str, npt.NDArray]


def world_bank(sources: Sources, split: Split, count: int) -> Bank:
    """``count`` worlds of phantoms and hosts."""
    code = fingerprint(phantom, networks, worlds, sys.modules[__name__])
    hosts = None if sources.hosts is None else _ready(host_bank(sources.cache, sources.hosts))
    used = "phantoms" if hosts is None else hosts.folder.name
    folder = sources.cache / f"worlds-{split.ranges.name}-{used}-{code}"
    return Bank(folder, split.first_seed, count, partial(make_sample, ranges=split.ranges, hosts=hosts))


def _ready(bank: Bank) -> Bank:
    """All worlds read the hosts, so these are made first."""
    bank.prepare()
    return bank


def make_sample(seed: int, *, ranges: Ranges, hosts: Bank | None = None) -> Arrays:
    """The sample of a random world.

    Returns:
        ``coarse`` uint8 [2, z, y, x] (see :func:`as_channels`) and ``coarse_maps`` uint8 [V, z, y, x];
        ``patches`` uint8 [P, p, p, p] and ``patch_maps`` alike, ``corners`` (P, 3) the first working voxel (z, y, x)
        of each patch, ``vessels`` (P,) the vessel of its map.
    """
    rng = np.random.default_rng((seed, WORLD_STREAM))
    return sample_of(make_world(_scene(seed, rng, ranges, hosts), rng), rng)


def as_channels(coarse: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Stored ``coarse`` as the network's input: the image in -1..1 and the evidence."""
    image, evidence = coarse.astype(np.float32) / 255
    return np.stack([image * 2 - 1, evidence * EVIDENCE_HIGH])


def sample_of(world: World, rng: np.random.Generator) -> Arrays:
    """The arrays of :func:`make_sample` for ``world``."""
    return {name: value.cpu().numpy() for name, value in tensors_of(world, rng, PATCHES).items()}


def tensors_of(world: World, rng: np.random.Generator, patches: int) -> dict[str, Tensor]:
    """The arrays of :func:`make_sample` for ``world`` as tensors on its device, with so many patches."""
    image, evidence = coarse_channels(world.hu)
    maps = [
        _map(world, n, COARSE_SHAPE, np.zeros(3), COARSE_BLOCK, COARSE_SIGMA_MM) for n in range(len(VESSELS))
    ]
    made = [_patch(world, rng) for _ in range(patches)]
    return {
        "coarse": _bytes(torch.stack([(image + 1) / 2, evidence / EVIDENCE_HIGH])),
        "coarse_maps": torch.stack(maps),
        **{name: torch.stack([patch[name] for patch in made]) for name in made[0]},
    }


def _scene(seed: int, rng: np.random.Generator, ranges: Ranges, hosts: Bank | None) -> Scene:
    """A heart with its own tree, a heart with another tree, or a host."""
    if hosts is not None and rng.random() < IN_HOSTS:
        known = [hosts.read(number) for number in range(len(hosts))]
        return host_scene(known[drawn_host(known, rng)], partial(phantom_tree, seed, ranges), rng)
    scene = phantom_scene(seed, ranges)
    if rng.random() < FOREIGN:
        return foreign_scene(scene.hu, scene.centre, phantom_tree(seed + TREE_SEEDS, ranges))
    return scene


def _patch(world: World, rng: np.random.Generator) -> Mapping[str, Tensor]:
    """A patch around a random sample of a random vessel, or anywhere."""
    vessel = int(rng.integers(len(VESSELS)))
    own = world.points[world.vessel == vessel]
    room = np.array(WORKING_SHAPE) - PATCH
    corner = rng.integers(0, room + 1)
    if len(own) and rng.random() < AROUND:
        centre = to_index(own[rng.integers(len(own))])
        off = rng.integers(-OFF_VOXELS, OFF_VOXELS + 1, 3)
        corner = np.clip(np.rint(centre - PATCH / 2).astype(int) + off, 0, room)
    image = world.hu[tuple(slice(int(low), int(low) + PATCH) for low in corner)]
    return {
        "patches": _bytes((image.clamp(HU_LOW, HU_HIGH) - HU_LOW) / (HU_HIGH - HU_LOW)),
        "patch_maps": _map(world, vessel, (PATCH,) * 3, corner, 1, FINE_SIGMA_MM),
        "corners": torch.from_numpy(corner.astype(np.int16)),
        "vessels": torch.tensor(vessel, dtype=torch.int8),
    }


def _map(
    world: World, vessel: int, shape: tuple[int, ...], corner: npt.NDArray, block: int, sigma_mm: float
) -> Tensor:
    """The heat map, uint8, on a grid whose voxels are blocks of working voxels, from working voxel ``corner`` on."""
    index = (to_index(world.points[world.vessel == vessel]) - corner - (block - 1) / 2) / block
    sigma = sigma_mm / (WORKING_SPACING_MM * block)
    heat = torch.zeros(shape, dtype=torch.uint8, device=world.hu.device)
    near = nearest(index, np.zeros(len(index)), CUT_SIGMA * sigma, shape, heat.device)
    heat.view(-1)[near.flat] = _bytes(torch.exp(-((near.depth / sigma) ** 2) / 2))
    return heat


def _bytes(values: Tensor) -> Tensor:
    return (values * 255).round().to(torch.uint8)
