"""For every voxel near a set of spheres, the sphere that it lies deepest in (or is nearest to).

Every sphere writes into the voxels around it, and the smallest distance stays.  Unlike a tree search, this runs on a
GPU, and nothing has to be built first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

__all__ = ["Near", "nearest"]

#: Distances are compared in steps of this many voxels, from ``LEAST`` on; a key holds a distance above the number of
#: its sphere.
STEP, LEAST, SPHERES = 1 / 1024, -64.0, 1 << 20
#: The key of a voxel that no sphere reaches.
NEVER = torch.iinfo(torch.int64).max
#: Spheres that are written at once: the memory of their voxels is bounded.
CHUNK = 512


@dataclass(frozen=True)
class Near:
    """The voxels near some spheres.

    Attributes:
        flat: int64 (V,), flat indices in the grid.
        sphere: int64 (V,), the number of the sphere.
        depth: float32 (V,) voxels, the radius of that sphere minus the distance from its centre.
    """

    flat: Tensor
    sphere: Tensor
    depth: Tensor


def nearest(
    centres: npt.NDArray,
    radii: npt.NDArray,
    reach: float,
    shape: tuple[int, ...],
    device: torch.device,
) -> Near:
    """The voxels within ``reach`` voxels of any of the ``centres``.

    Args:
        centres: (N, 3) indices (z, y, x), fractional.
        radii: (N,) voxels.
        reach: voxels, from the centre.
        shape: of the grid.
        device: where to compute.
    """
    radius = int(np.ceil(reach)) + 1
    voxels = np.rint(centres).astype(np.int64)
    useful = ((voxels > -radius) & (voxels < np.array(shape) + radius - 1)).all(axis=1)
    numbers = np.flatnonzero(useful)
    if not len(numbers):
        none = torch.zeros(0, dtype=torch.int64, device=device)
        return Near(none, none, none.float())
    first, size = _box(voxels[numbers], radius)
    keys = torch.full((int(np.prod(size)),), NEVER, device=device)
    ball = _ball(radius, device)
    steps = torch.tensor([size[1] * size[2], size[2], 1], device=device)
    for start in range(0, len(numbers), CHUNK):
        chosen = numbers[start : start + CHUNK]
        key = _keys(ball, centres[chosen] - voxels[chosen], radii[chosen], reach, chosen)
        where = (torch.as_tensor(voxels[chosen] - first, device=device) * steps).sum(1)
        flat = where[:, None] + (ball.long() * steps).sum(1)
        keys.scatter_reduce_(0, flat.flatten(), key.flatten(), "amin")
    return _found(keys.view(*size), first, shape)


def _box(voxels: npt.NDArray, radius: int) -> tuple[npt.NDArray[np.int64], tuple[int, ...]]:
    """The first voxel of a box that holds balls around ``voxels``, which may lie outside the grid, and its size."""
    low, high = voxels.min(axis=0) - radius, voxels.max(axis=0) + radius
    return low, tuple(int(n) for n in high - low + 1)


def _keys(
    ball: Tensor, centres: npt.NDArray, radii: npt.NDArray, reach: float, numbers: npt.NDArray
) -> Tensor:
    """The keys [n, O] of the voxels of balls whose centres (n, 3) lie at ``centres`` from their middle voxels."""
    centre, radius, number = (torch.as_tensor(a, device=ball.device) for a in (centres, radii, numbers))
    centre, radius = centre.float(), radius.float()
    square = (ball**2).sum(1) - 2 * centre @ ball.T + (centre**2).sum(1, keepdim=True)
    distance = square.clamp_min_(0).sqrt_()
    key = ((distance - radius[:, None] - LEAST) / STEP).long() * SPHERES + number[:, None]
    return key.masked_fill_(distance > reach, NEVER)


def _found(keys: Tensor, first: npt.NDArray, shape: tuple[int, ...]) -> Near:
    """The part of a box of keys that lies in the grid."""
    begin = np.maximum(-first, 0)
    end = np.minimum(np.array(keys.shape), np.array(shape) - first)
    part = keys[tuple(slice(int(a), int(b)) for a, b in zip(begin, end, strict=True))]
    index = (part != NEVER).nonzero()
    found = part[tuple(index.T)]
    z, y, x = (index + torch.as_tensor(first + begin, device=keys.device)).T
    flat = (z * shape[1] + y) * shape[2] + x
    return Near(flat, found % SPHERES, -((found // SPHERES) * STEP + LEAST).float())


def _ball(radius: int, device: torch.device) -> Tensor:
    """The offsets (O, 3) of all voxels within ``radius``, float32."""
    line = torch.arange(-radius, radius + 1, device=device).float()
    offsets = torch.stack(torch.meshgrid(line, line, line, indexing="ij"), dim=-1).reshape(-1, 3)
    return offsets[offsets.norm(dim=1) <= radius]
