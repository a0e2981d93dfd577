"""Losses on points as they are served: where they lie, and how edges of vertebrae lie between them.

The cross-entropy of broad heat maps hardly changes when a peak is off by two pixels of 512; these terms do.
Symbols: N films, K points, E edges of vertebrae (upper and lower in turn), each between two successive points.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["REACH_PX", "edges_loss", "places_loss"]

#: Points farther from the truth than this, in network pixels, cost nothing: it is about where the window of
#: :func:`~scanserve.networks.spine.points.decode` ends, beyond which gradients do not show the way.
REACH_PX = 16.0
#: Keeps gradients finite where the error is zero; network pixels.
_TINY = 0.1


def places_loss(found: Tensor, points: Tensor) -> Tensor:
    """Mean distance of points in reach from the truth, network pixels.

    Args:
        found: ``[N, K, 2]``, with gradients.
        points: the truth ``[N, K, 3]``: x, y, 1 if the film shows it.
    """
    return _mean_length(found - points[..., :2], _in_reach(found, points))


def edges_loss(found: Tensor, points: Tensor) -> Tensor:
    """Mean length of the error of an edge's vector, network pixels, over edges of which both ends are in reach.

    A shift of the whole edge costs nothing, so this is an error of direction and length alone.  Arguments as for
    :func:`places_loss`.
    """
    ends = (found - points[..., :2]).unflatten(1, (-1, 2))  # [N, E, 2, 2]
    both = _in_reach(found, points).unflatten(1, (-1, 2)).all(dim=-1)  # [N, E]
    return _mean_length(ends[:, :, 1] - ends[:, :, 0], both)


def _in_reach(found: Tensor, points: Tensor) -> Tensor:
    """Which points ``[N, K]`` the film shows and are near their true places."""
    distance = (found.detach() - points[..., :2]).norm(dim=-1)
    return (points[..., 2] > 0.5) & (distance < REACH_PX)


def _mean_length(vectors: Tensor, chosen: Tensor) -> Tensor:
    """Mean length of vectors ``[..., 2]`` where ``chosen [...]``; zero where none is."""
    length = torch.sqrt(vectors.square().sum(dim=-1) + _TINY**2)
    return (length * chosen).sum() / chosen.sum().clamp(min=1)
