"""The graph ``spine_prepare``: a part of a film, resampled once into the networks' frame.

Separable resampling as two matrix products, with a triangle kernel widened against aliasing.  Rows of samples outside
the film are zero.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scanserve.contracts.spine import IMAGE_SHAPE

__all__ = ["Prepare"]

#: A film extends half a pixel beyond the centres of its outermost pixels; a thousandth more against rounding.
_REACH = 0.501


class Prepare(nn.Module):
    """The graph, with exactly the inputs and outputs of the contract ``spine_prepare``."""

    def forward(self, film: Tensor, box: Tensor) -> tuple[Tensor, Tensor]:
        """``film [1, 1, rows, columns]`` and ``box [1, 4]`` to ``image [1, 1, 512, 256]`` and ``placement [1, 3]``."""
        low, high = box[0, :2], box[0, 2:]  # (x, y)
        size = torch.clamp(high - low, min=1.0)
        shape = torch.tensor([float(IMAGE_SHAPE[1]), float(IMAGE_SHAPE[0])])
        scale = (shape / size).amin()
        offset = (shape - 1) / 2 - scale * ((low + high - 1) / 2)  # (x, y)
        down = _weights(film[0, 0, :, 0], IMAGE_SHAPE[0], scale, offset[1])  # [512, rows]
        across = _weights(film[0, 0, 0, :], IMAGE_SHAPE[1], scale, offset[0])  # [256, columns]
        image = torch.matmul(torch.matmul(down, film[0, 0]), across.transpose(0, 1))
        placement = torch.cat((scale.reshape(1), offset)).unsqueeze(0)
        return image.unsqueeze(0).unsqueeze(0), placement


def _weights(line: Tensor, count: int, scale: Tensor, offset: Tensor) -> Tensor:
    """Weights ``[count, size]`` of the film's pixels along ``line [size]`` in each of ``count`` network pixels."""
    samples = torch.cumsum(torch.ones_like(line), dim=0) - 1  # [size]: 0, 1, ...
    places = (torch.arange(count, dtype=torch.float32) - offset) / scale  # [count]
    reach = torch.clamp(1 / scale, min=1.0)
    distance = torch.abs(samples.unsqueeze(0) - places.unsqueeze(1)) / reach
    weights = torch.clamp(1.0 - distance, min=0.0)
    inside = (places >= -_REACH) & (places <= samples[-1] + _REACH)
    return weights * (inside.to(torch.float32) / weights.sum(dim=1).clamp(min=1e-6)).unsqueeze(1)
