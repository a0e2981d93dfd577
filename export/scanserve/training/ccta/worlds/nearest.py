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
    size = torch.tensor(shape, device=device)
    keys = torch.full((int(np.prod(shape)),), torch.iinfo(torch.int64).max, device=device)
    offsets = _ball(int(np.ceil(reach)) + 1, device)
    where = torch.as_tensor(centres, dtype=torch.float32, device=device)
    wide = torch.as_tensor(radii, dtype=torch.float32, device=device)
    for first in range(0, len(where), CHUNK):
        number = torch.arange(first, min(first + CHUNK, len(where)), device=device)
        voxel = where[number].round().long()[:, None] + offsets  # [n, O, 3]
        distance = (voxel - where[number][:, None]).norm(dim=2)
        inside = ((voxel >= 0) & (voxel < size)).all(dim=2) & (distance <= reach)
        steps = ((distance - wide[number][:, None] - LEAST) / STEP).long()
        key = steps * SPHERES + number[:, None]
        flat = (voxel[..., 0] * shape[1] + voxel[..., 1]) * shape[2] + voxel[..., 2]
        keys.scatter_reduce_(0, flat[inside], key[inside], "amin")
    flat = (keys != torch.iinfo(torch.int64).max).nonzero()[:, 0]
    found = keys[flat]
    return Near(flat, found % SPHERES, -((found // SPHERES) * STEP + LEAST).float())


def _ball(radius: int, device: torch.device) -> Tensor:
    """The offsets (O, 3) of all voxels within ``radius``."""
    line = torch.arange(-radius, radius + 1, device=device)
    offsets = torch.stack(torch.meshgrid(line, line, line, indexing="ij"), dim=-1).reshape(-1, 3)
    return offsets[offsets.float().norm(dim=1) <= radius]
