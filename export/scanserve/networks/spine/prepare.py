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
    """The graph, with exactly the inputs and outputs of the contract ``spine_prepare``.

    Symbols: N films of one size, each with a box of its own; C pixels of the network's frame along an axis.
    """

    def forward(self, film: Tensor, box: Tensor) -> tuple[Tensor, Tensor]:
        """``film [N, 1, rows, columns]`` and ``box [N, 4]`` to ``image [N, 1, 512, 256]``, ``placement [N, 3]``."""
        low, high = box[:, :2], box[:, 2:]  # [N, 2] (x, y)
        size = torch.clamp(high - low, min=1.0)
        shape = torch.tensor([float(IMAGE_SHAPE[1]), float(IMAGE_SHAPE[0])])
        scale = (shape / size).amin(dim=1, keepdim=True)  # [N, 1]
        offset = (shape - 1) / 2 - scale * ((low + high - 1) / 2)  # [N, 2]
        down = _weights(film[0, 0, :, 0], IMAGE_SHAPE[0], scale, offset[:, 1:])  # [N, 512, rows]
        across = _weights(film[0, 0, 0, :], IMAGE_SHAPE[1], scale, offset[:, :1])  # [N, 256, columns]
        image = torch.matmul(torch.matmul(down, film.squeeze(1)), across.transpose(1, 2))
        return image.unsqueeze(1), torch.cat((scale, offset), dim=1)


def _weights(line: Tensor, count: int, scale: Tensor, offset: Tensor) -> Tensor:
    """Weights ``[N, C, size]`` of the film's pixels along ``line [size]`` in each of ``count`` network pixels.

    ``scale`` and ``offset`` are ``[N, 1]``.
    """
    samples = torch.cumsum(torch.ones_like(line), dim=0) - 1  # [size]: 0, 1, ...
    places = (torch.arange(count, dtype=torch.float32) - offset) / scale  # [N, C]
    reach = torch.clamp(1 / scale, min=1.0).unsqueeze(-1)  # [N, 1, 1]
    weights = torch.clamp(1.0 - torch.abs(samples - places.unsqueeze(-1)) / reach, min=0.0)  # [N, C, size]
    inside = ((places >= -_REACH) & (places <= samples[-1] + _REACH)).to(torch.float32)
    return weights * (inside / weights.sum(dim=2).clamp(min=1e-6)).unsqueeze(-1)
