"""The graph ``ccta_crop``: the frame of each vessel from its coarse map, and the working volume cropped to it.

Along each axis, the frame of a vessel is centred midway between the 2 % and 98 % quantiles of the mass of its coarse
map.  The map is squared and cut at 0.3 of its maximum, so that faint false alarms do not shift the frame.  All three
frames have the same fixed size, so that the crops form a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import (
    COARSE_BLOCK,
    COARSE_SHAPE,
    CROP_SHAPE,
    CROP_SPACING_MM,
    VESSELS,
    WORKING_SHAPE,
    WORKING_SPACING_MM,
)
from scanserve.networks.ccta.resample import axis_weights, contract
from scanserve.networks.ccta.windowing import window

__all__ = ["Crop", "frame_centres"]

#: Fraction of the maximum of a map below which it does not count for the frame.
FRAME_THRESHOLD = 0.3
#: Quantiles of the mass between which the extent of the frame is measured.
FRAME_QUANTILES = (0.02, 0.98)
#: Uniform mass per index: an empty map gives the centre of the grid, and other maps do not shift noticeably.
_UNIFORM_MASS = 1e-6
#: Number of highest values of a map that are averaged for the presence score.
PRESENCE_VOXELS = 32


class Crop(nn.Module):
    """The graph, with exactly the inputs and outputs of the contract ``ccta_crop``."""

    def forward(
        self, working: Tensor, working_origin: Tensor, coarse_maps: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Crops ``[3, 2, 128, 128, 128]``, their origins ``[3, 3]`` and spacing ``[3]``, presence ``[3]``.

        Args:
            working: int16 HU ``[192, 192, 192]``, the outputs of :class:`Normalize`.
            working_origin: ``[x, y, z]`` mm LPS, the centre of voxel ``[0, 0, 0]`` of ``working``.
            coarse_maps: ``[1, 3, 96, 96, 96]``, on the blocks of ``working``.
        """
        maps = coarse_maps.squeeze(0)  # [3, 96, 96, 96]
        corners = _corners(frame_centres(maps))  # [3, zyx]
        crops = [_crop(working, maps[k], corners[k]) for k in range(len(VESSELS))]
        crop_origin = working_origin + corners.flip(1).to(torch.float32) * WORKING_SPACING_MM
        return torch.stack(crops), crop_origin, torch.full((3,), CROP_SPACING_MM), _presence(maps)


def _crop(working: Tensor, vessel_map: Tensor, corner: Tensor) -> Tensor:
    """One crop ``[2, 128, 128, 128]``: windowed image, coarse map."""
    z, y, x = corner[0], corner[1], corner[2]
    depth, height, width = CROP_SHAPE
    image = working[z : z + depth][:, y : y + height][:, :, x : x + width]
    # Slices by tensors lose their size in the exported graph.
    image = window(image.to(torch.float32)).reshape(CROP_SHAPE)
    return torch.stack((image, contract(vessel_map, [_map_weights(corner[axis], axis) for axis in range(3)])))


def _corners(centres: Tensor) -> Tensor:
    """First working voxels ``[3, zyx]`` of the crops around ``centres``; a crop lies inside the working grid."""
    room = torch.tensor([whole - part for whole, part in zip(WORKING_SHAPE, CROP_SHAPE, strict=True)])
    first = torch.round(centres * COARSE_BLOCK + room / 2).to(torch.int64)
    return torch.minimum(first.clamp(min=0), room)


def frame_centres(maps: Tensor) -> Tensor:
    """Centres ``[3, zyx]`` of the frames, in coarse voxels from the middle of the grid."""
    peak = maps.amax(dim=(1, 2, 3), keepdim=True)
    mass = maps * maps * (maps >= FRAME_THRESHOLD * peak).to(torch.float32)
    marginals = (mass.sum(dim=(2, 3)), mass.sum(dim=(1, 3)), mass.sum(dim=(1, 2)))
    return torch.stack([_middle_of_mass(marginal) for marginal in marginals], dim=1)


def _middle_of_mass(marginal: Tensor) -> Tensor:
    """``[3, size]`` to ``[3]``: midpoint of two quantiles, in indices from the middle of the axis.

    A quantile is found without a search: every index counts with the fraction of its mass below the quantile.
    """
    marginal = marginal + _UNIFORM_MASS
    below = torch.cumsum(marginal, dim=1) - marginal
    total = marginal.sum(dim=1, keepdim=True)
    low, high = (
        torch.clamp((quantile * total - below) / marginal, 0.0, 1.0).sum(dim=1)
        for quantile in FRAME_QUANTILES
    )
    return 0.5 * (low + high) - 0.5 * marginal.shape[1]


def _map_weights(corner: Tensor, axis: int) -> Tensor:
    """Weights ``[128, 96]`` of the coarse map along one axis."""
    start = (corner.to(torch.float32) - (COARSE_BLOCK - 1) / 2) / COARSE_BLOCK
    step = torch.full((), 1 / COARSE_BLOCK)
    return axis_weights(start, step, CROP_SHAPE[axis], torch.arange(COARSE_SHAPE[axis], dtype=torch.float32))


def _presence(maps: Tensor) -> Tensor:
    """Mean ``[3]`` of the highest values of each map."""
    return maps.flatten(1).topk(PRESENCE_VOXELS, dim=1).values.mean(dim=1)
