"""Upper and lower edges of vertebrae, turned back where they lean too far from what the whole spine says.

A network finds every corner by itself, so that one corner can jump and tilt its edge by 40 degrees; but edges are
nearly perpendicular to the line through the spine, which many corners tell.  Vectors only, no trigonometry: exported
operators stay few.  Symbols: N films, E edges from the first vertebra down, upper and lower in turn.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["turned"]

#: Sine of the largest angle between an edge and the perpendicular of the spine, 6.9 degrees: 19 of 20 edges of phantoms
#: lean less, and four of five in the labels of 481 real films (SpineWeb 16, Wu et al. 2017).
MOST_LEAN = 0.12
#: Share by which angles to the mean edge are then enlarged, because networks make curves flatter.  Chosen on validation
#: phantoms (docs/accuracy.md).
STRETCH = 0.04
#: Cosines of the angle between an edge and the perpendicular of the spine from which on it is turned, and fully turned:
#: 60 and 46 degrees.  Beyond, middles of other edges are out of order, and the perpendicular says nothing.
_TURNS, _TURNS_FULLY = 0.5, 0.7
#: Keeps directions finite where two points are one; network pixels.
_TINY = 1e-3


def turned(points: Tensor, fixed: Tensor) -> Tensor:
    """Points ``[N, K, 2]`` whose edges are turned around their middles.

    Args:
        points: network pixels; four to a vertebra, upper edge first, from left to right.
        fixed: ``[N, K, 1]``, 1 for points that a reader has fixed, else 0; their edges stay as they are.
    """
    ends = points.unflatten(1, (-1, 2))  # [N, E, 2, 2]
    middle, along = ends.mean(dim=2), ends[:, :, 1] - ends[:, :, 0]  # [N, E, 2]
    across, found = _unit(_across(middle)), _unit(along)
    alike = (across * found).sum(dim=-1, keepdim=True)  # [N, E, 1]
    lean = _cross(across, found).clamp(-MOST_LEAN, MOST_LEAN)
    nearest = torch.sqrt(1 - lean * lean) * across + lean * _quarter_turn(across)  # found, if it leans less
    share = ((alike - _TURNS) / (_TURNS_FULLY - _TURNS)).clamp(0, 1)
    wanted = _unit(found + share * (nearest - found))
    mean = _unit(found.sum(dim=1, keepdim=True))  # [N, 1, 2]
    cosine = (mean * wanted).sum(dim=-1, keepdim=True).clamp(min=0.5)  # up to 60 degrees
    tangent = _cross(mean, wanted) / cosine
    wanted = _unit(wanted + STRETCH * tangent * _quarter_turn(wanted))
    half = wanted * torch.sqrt((along * along).sum(dim=-1, keepdim=True)) / 2
    free = 1 - fixed.unflatten(1, (-1, 2)).amax(dim=2)  # [N, E, 1]
    half = free * half + (1 - free) * along / 2
    return torch.stack((middle - half, middle + half), dim=2).flatten(1, 2)


def _across(middle: Tensor) -> Tensor:
    """Perpendicular to the spine at the middles ``[N, E, 2]`` of its edges, to the right of it."""
    ahead = torch.cat((middle[:, 1:], 2 * middle[:, -1:] - middle[:, -2:-1]), dim=1)
    behind = torch.cat((2 * middle[:, :1] - middle[:, 1:2], middle[:, :-1]), dim=1)
    down = ahead - behind
    padded = torch.cat((down[:, :1], down, down[:, -1:]), dim=1)
    smooth = padded[:, :-2] + 2 * down + padded[:, 2:]
    return -_quarter_turn(smooth)


def _quarter_turn(vectors: Tensor) -> Tensor:
    """Turned from right to down."""
    return torch.stack((-vectors[..., 1], vectors[..., 0]), dim=-1)


def _cross(one: Tensor, other: Tensor) -> Tensor:
    return (one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]).unsqueeze(-1)


def _unit(vectors: Tensor) -> Tensor:
    return vectors / torch.sqrt((vectors * vectors).sum(dim=-1, keepdim=True) + _TINY**2)
