"""Worlds made on the device while the networks learn: every one is new, and no sample is read from a disk.

Samples wait in a pool of fixed size on the device, in which a new one replaces the oldest, so that a batch holds worlds
of many scenes.  Stage 1 answers a world before it learns from it: the priors of stage 2 are as imperfect as those of a
new patient.

Symbols: R worlds in the pool, P patches of a world, p the edge of a patch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import COARSE_SHAPE, EVIDENCE_HIGH, VESSELS
from scanserve.training.bank import Bank
from scanserve.training.ccta.hosts import drawn_host, host_scene
from scanserve.training.ccta.scenebank import scene_of
from scanserve.training.ccta.variation import coarse_pair, prior_for, varied
from scanserve.training.ccta.worldbank import FOREIGN, PATCH, tensors_of
from scanserve.training.ccta.worlds import Scene, make_world
from scanserve.training.ccta.worlds.scene import foreign_scene
from scanserve.training.precision import measured

__all__ = ["Pool", "Worlds"]

#: Patches cut from a world; share of worlds in a real CT where there are some.
PATCHES, IN_HOSTS = 8, 0.65


@dataclass
class Worlds:
    """Random worlds of ``scenes`` and of ``hosts``, which are all made, on ``device``.

    ``share`` (part, parts) limits them to every ``parts``-th scene, from number ``part`` on.
    """

    scenes: Bank
    hosts: Bank | None
    device: torch.device
    share: tuple[int, int] = (0, 1)

    def __post_init__(self) -> None:
        self._hosts = [] if self.hosts is None else [dict(self.hosts.read(n)) for n in range(len(self.hosts))]
        self._scenes: dict[int, Scene] = {}
        self._images: dict[tuple[str, int], Tensor] = {}

    def make(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """A sample of a random world, see :func:`~scanserve.training.ccta.worldbank.tensors_of`."""
        scene, image = self._drawn(rng)
        return tensors_of(make_world(scene, rng, image), rng, PATCHES)

    def _drawn(self, rng: np.random.Generator) -> tuple[Scene, Tensor]:
        number = self._number(rng)
        if self._hosts and rng.random() < IN_HOSTS:
            host = drawn_host(self._hosts, rng)
            scene = host_scene(self._hosts[host], lambda: self._scene(number).tree.centred(), rng)
            image = self._image(("host", host), self._hosts[host]["hu"])
            return scene, image.flip(2) if scene.mirrored else image
        own = self._scene(number)
        image = self._image(("scene", number), own.hu)
        if rng.random() < FOREIGN:
            other = self._scene(self._number(rng))
            own = foreign_scene(own.hu, own.centre, other.tree.centred())
        return own, image

    def _number(self, rng: np.random.Generator) -> int:
        part, parts = self.share
        return int(rng.choice(range(part % len(self.scenes), len(self.scenes), parts)))

    def _scene(self, number: int) -> Scene:
        if number not in self._scenes:
            self._scenes[number] = scene_of(self.scenes.read(number))
        return self._scenes[number]

    def _image(self, key: tuple[str, int], hu: npt.NDArray) -> Tensor:
        """Images stay on a GPU; in the memory of a processor they would take the place of the files' cache."""
        if self.device.type == "cpu":
            return torch.from_numpy(np.array(hu))
        if key not in self._images:
            self._images[key] = torch.from_numpy(np.array(hu)).to(self.device)
        return self._images[key]


class Pool:
    """Samples of ``size`` worlds on ``device``."""

    def __init__(self, size: int, device: torch.device) -> None:
        self.size, self.made = size, 0
        cube, coarse = (PATCH,) * 3, COARSE_SHAPE
        empty = {
            "coarse": (size, 2, *coarse),
            "coarse_maps": (size, len(VESSELS), *coarse),
            "patches": (size, PATCHES, *cube),
            "patch_maps": (size, PATCHES, *cube),
            "priors": (size, PATCHES, *cube),
        }
        self.data = {
            name: torch.zeros(shape, dtype=torch.uint8, device=device) for name, shape in empty.items()
        }

    @torch.no_grad()
    def add(self, sample: dict[str, Tensor], stage1: nn.Module, rng: np.random.Generator) -> None:
        """Put a sample in the place of the oldest, with the priors of its patches."""
        place = self.made % self.size
        for name in ("coarse", "coarse_maps", "patches", "patch_maps"):
            self.data[name][place] = sample[name]
        answer, maps = _answer(stage1, self.data["coarse"][place]), self.data["coarse_maps"][place]
        for number in range(PATCHES):
            vessel, corner = int(sample["vessels"][number]), sample["corners"][number].numpy()
            prior = prior_for(answer[vessel], maps[vessel], corner, rng)
            self.data["priors"][place, number] = (prior * 255).round().to(torch.uint8)
        self.made += 1

    def coarse(self, count: int, rng: np.random.Generator) -> dict[str, Tensor]:
        """``image`` [N, 2, z, y, x] and ``target`` [N, V, z, y, x] of random worlds for stage 1."""
        which = rng.integers(min(self.made, self.size), size=count)
        pairs = [
            coarse_pair(self.data["coarse"][place], self.data["coarse_maps"][place], rng) for place in which
        ]
        return {"image": torch.stack([a for a, _ in pairs]), "target": torch.stack([b for _, b in pairs])}

    def patches(self, count: int, rng: np.random.Generator) -> dict[str, Tensor]:
        """``image`` [N, 2, p, p, p] (CT, prior) and ``target`` [N, 1, p, p, p] for stage 2."""
        device = self.data["patches"].device
        world = torch.from_numpy(rng.integers(min(self.made, self.size), size=count)).to(device)
        number = torch.from_numpy(rng.integers(PATCHES, size=count)).to(device)
        image = varied(self.data["patches"][world, number].float() / 127.5 - 1, rng)
        prior = self.data["priors"][world, number].float() / 255
        target = self.data["patch_maps"][world, number].float() / 255
        return {"image": torch.stack([image, prior], dim=1), "target": target[:, None]}


def _answer(stage1: nn.Module, coarse: Tensor) -> Tensor:
    """The maps of stage 1, 0..1, [V, z, y, x]."""
    image, evidence = coarse.float() / 255
    channels = torch.stack([image * 2 - 1, evidence * EVIDENCE_HIGH])[None]
    with measured(coarse.device.type).context():
        return torch.sigmoid(stage1(channels.contiguous(memory_format=torch.channels_last_3d)).float())[0]
