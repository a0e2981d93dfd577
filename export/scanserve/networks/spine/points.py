"""Between points and heat maps: Gaussians drawn, and peaks decoded to a part of a pixel, inside the graph.

Symbols: N films, K points, H W rows and columns of a heat map.  Points are network pixels; the centre of heat-map pixel
``i`` lies at network pixel ``STRIDE * i + (STRIDE - 1) / 2``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from scanserve.contracts.spine import HINT_SIGMA, MAP_SHAPE, STRIDE

__all__ = ["decode", "draw"]

#: Where the centre of heat-map pixel 0 lies.
_FIRST = (STRIDE - 1) / 2
#: Half size of the patch around the highest pixel, in heat-map pixels: three deviations of the squared Gaussian.
_HALF = 4
#: A flag above this marks a point.
_FLAGGED = 0.5


def draw(points: Tensor, sigma: float = HINT_SIGMA) -> Tensor:
    """Heat maps ``[N, K, H, W]`` of points ``[N, K, 3]`` (x, y, flag): empty where the flag is not set."""
    x, y = ((points[..., axis : axis + 1] - _FIRST) / STRIDE for axis in (0, 1))  # [N, K, 1]
    along_x = torch.exp(-0.5 * ((_numbers(MAP_SHAPE[1], points) - x) * (STRIDE / sigma)) ** 2)  # [N, K, W]
    along_y = torch.exp(-0.5 * ((_numbers(MAP_SHAPE[0], points) - y) * (STRIDE / sigma)) ** 2)  # [N, K, H]
    flag = (points[..., 2] > _FLAGGED).to(points.dtype)  # [N, K]
    return (along_y * flag.unsqueeze(-1)).unsqueeze(-1) * along_x.unsqueeze(-2)


def decode(probability: Tensor) -> tuple[Tensor, Tensor]:
    """Points ``[N, K, 2]`` and peaks ``[N, K]`` of heat maps ``[N, K, H, W]`` of probabilities.

    Points have gradients: the window around the highest pixel is fixed, the mean within it is not.
    """
    place, peak = _highest(probability)
    near = _window(place[..., 0], MAP_SHAPE[1], _HALF).unsqueeze(-2)  # [N, K, 1, W]
    near = near * _window(place[..., 1], MAP_SHAPE[0], _HALF).unsqueeze(-1)  # [N, K, H, W]
    weight = probability * probability * near + 1e-12 * near
    return _mean(weight), peak


def _highest(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Place ``[N, K, 2]`` (x, y) of the highest pixel, in heat-map pixels, and its value ``[N, K]``."""
    flat = maps.flatten(2)  # [N, K, H W]
    index = flat.argmax(dim=2).to(maps.dtype)  # exact: fewer than 2^24 pixels
    # The division in floating point: integer division exports an operator that TensorRT does not have.
    row = torch.floor((index + 0.5) / MAP_SHAPE[1])
    return torch.stack((index - row * MAP_SHAPE[1], row), dim=-1), flat.amax(dim=2)


def _window(place: Tensor, size: int, half: int) -> Tensor:
    """1 within ``half`` pixels of ``place [N, K]`` and 0 elsewhere, ``[N, K, size]``."""
    return torch.clamp(half + 1 - torch.abs(_numbers(size, place) - place.unsqueeze(-1)), 0.0, 1.0)


def _mean(weight: Tensor) -> Tensor:
    """The weighted mean place in network pixels, ``[N, K, 2]``."""
    total = weight.sum(dim=(2, 3)).unsqueeze(-1)  # [N, K, 1]
    x = (weight.sum(dim=2) * _numbers(MAP_SHAPE[1], weight)).sum(dim=2, keepdim=True) / total
    y = (weight.sum(dim=3) * _numbers(MAP_SHAPE[0], weight)).sum(dim=2, keepdim=True) / total
    return torch.cat((x, y), dim=2) * STRIDE + _FIRST


def _numbers(count: int, like: Tensor) -> Tensor:
    return torch.arange(count, dtype=like.dtype, device=like.device)
