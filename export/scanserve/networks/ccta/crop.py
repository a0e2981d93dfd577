"""The graph ``ccta_crop``: the frame of each vessel from its coarse map, and the original volume cropped to it.

Along each axis, the frame of a vessel is centred midway between the 2 % and 98 % quantiles of the mass of its coarse
map.  The map is squared and cut at 0.3 of its maximum, so that faint false alarms do not shift the frame.  All three
frames have the same fixed size, so that the crops form a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.ccta import (
    COARSE_SHAPE,
    COARSE_SPACING_MM,
    CROP_SHAPE,
    CROP_SPACING_MM,
    VESSELS,
)
from scanserve.networks.ccta.resample import axis_weights, contract, resample_windowed

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
        self, volume: Tensor, spacing: Tensor, origin: Tensor, coarse_maps: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Crops ``[3, 2, 128, 128, 128]``, their origins ``[3, 3]`` and spacing ``[3]``, presence ``[3]``.

        Args:
            volume: int16 HU ``[z, y, x]``.
            spacing: ``[x, y, z]`` mm.
            origin: ``[x, y, z]`` mm LPS, the centre of voxel ``[0, 0, 0]``.
            coarse_maps: ``[1, 3, 96, 96, 96]``, on the grid of :class:`Normalize`.
        """
        maps = coarse_maps.squeeze(0)  # [3, 96, 96, 96]
        centres = frame_centres(maps) * COARSE_SPACING_MM  # [3, zyx] mm from the volume's centre
        crops = [self._crop(volume, spacing, maps[k], centres[k]) for k in range(len(VESSELS))]
        crop_origin = origin + _middle(volume) * spacing + centres.flip(1) - _half_extent()
        crop_spacing = torch.full((3,), CROP_SPACING_MM)
        return torch.stack(crops), crop_origin, crop_spacing, _presence(maps)

    def _crop(self, volume: Tensor, spacing: Tensor, vessel_map: Tensor, centre: Tensor) -> Tensor:
        """One crop ``[2, 128, 128, 128]``: windowed image, coarse map."""
        image_weights = [
            _image_weights(volume.shape[axis], centre[axis], spacing[2 - axis], axis) for axis in range(3)
        ]
        image = resample_windowed(volume, image_weights)
        return torch.stack(
            (image, contract(vessel_map, [_map_weights(centre[axis], axis) for axis in range(3)]))
        )


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


def _image_weights(size: int, centre: Tensor, spacing: Tensor, axis: int) -> Tensor:
    """Weights ``[128, size]`` of the volume along one axis; ``centre`` in mm from the volume's middle."""
    samples = torch.arange(size, dtype=torch.float32)
    count = CROP_SHAPE[axis]
    start = samples[-1] * 0.5 + (centre - (count - 1) / 2 * CROP_SPACING_MM) / spacing
    return axis_weights(start, CROP_SPACING_MM / spacing, count, samples)


def _map_weights(centre: Tensor, axis: int) -> Tensor:
    """Weights ``[128, 96]`` of the coarse map along one axis."""
    count, size = CROP_SHAPE[axis], COARSE_SHAPE[axis]
    start = (size - 1) / 2 + (centre - (count - 1) / 2 * CROP_SPACING_MM) / COARSE_SPACING_MM
    step = torch.full((), CROP_SPACING_MM / COARSE_SPACING_MM)
    return axis_weights(start, step, count, torch.arange(size, dtype=torch.float32))


def _middle(volume: Tensor) -> Tensor:
    """Index ``[x, y, z]`` of the centre of the volume."""
    ends = [torch.arange(volume.shape[axis], dtype=torch.float32)[-1] for axis in (2, 1, 0)]
    return torch.stack(ends) * 0.5


def _half_extent() -> Tensor:
    """Offset ``[x, y, z]`` mm from the centre of voxel [0, 0, 0] of a crop to the centre of the crop."""
    return torch.tensor([(CROP_SHAPE[axis] - 1) / 2 * CROP_SPACING_MM for axis in (2, 1, 0)])


def _presence(maps: Tensor) -> Tensor:
    """Mean ``[3]`` of the highest values of each map."""
    return maps.flatten(1).topk(PRESENCE_VOXELS, dim=1).values.mean(dim=1)
