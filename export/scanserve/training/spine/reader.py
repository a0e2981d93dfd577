"""The simulated reader: which points are fixed before and between the passes of the network.

Symbols: N films, K points.  Points, hints and previous points are ``[N, K, 3]``: x, y in network pixels, flag.
"""

from __future__ import annotations

import torch
from torch import Tensor

from scanserve.contracts.spine import CORNERS

__all__ = ["add_worst", "first_hints", "least_likely"]

#: Deviation of a hint from the truth, network pixels; and share of hints that are one level off.
JITTER_PX, WRONG_LEVEL = 1.0, 0.02
#: Share of films with 0, 1, 2 ... hints before the first pass.  Kim et al. give hints to seven of eight; most readings
#: have none, and what they find decides how much is left to correct.
SHARES = (0.6, 0.2, 0.1, 0.05, 0.03, 0.02)


def first_hints(points: Tensor, generator: torch.Generator) -> Tensor:
    """Hints before the first pass: a random number of random distinct points of each film that are in it."""
    count, keys = len(points), points.shape[1]
    shares = torch.tensor(SHARES, device=points.device)
    number = torch.multinomial(shares, count, replacement=True, generator=generator)  # [N]
    order = torch.rand((count, keys), generator=generator, device=points.device) - 2 * (points[..., 2] < 0.5)
    rank = order.argsort(dim=1, descending=True).argsort(dim=1)  # [N, K]: 0 for the first chosen
    chosen = (rank < number.unsqueeze(1)) & (points[..., 2] > 0.5)
    return _placed(points, chosen, generator)


def add_worst(
    points: Tensor, found: Tensor, hints: Tensor, previous: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Hints and previous points after the reader has fixed the worst point of each film.

    Args:
        points: the truth.
        found: ``[N, K, 2]``, where the network put the points.
        hints, previous: as they were.
        generator: draws the jitter.
    """
    chosen = least_likely(points, found, hints)
    placed = _placed(points, chosen, generator)
    was = torch.cat((found, torch.ones_like(found[..., :1])), dim=-1)
    mark = chosen.unsqueeze(-1)
    return torch.where(mark, placed, hints), torch.where(mark, was, previous)


def least_likely(points: Tensor, found: Tensor, hints: Tensor) -> Tensor:
    """The worst point of each film, ``[N, K]``: farthest from the truth, in the film and not yet fixed."""
    error = (found - points[..., :2]).norm(dim=-1)
    error = torch.where((points[..., 2] > 0.5) & (hints[..., 2] < 0.5), error, torch.full_like(error, -1.0))
    worst = torch.zeros_like(error).scatter(1, error.argmax(dim=1, keepdim=True), 1.0)
    return (worst > 0.5) & (error >= 0)


def _placed(points: Tensor, chosen: Tensor, generator: torch.Generator) -> Tensor:
    """Hints where ``chosen``: near the truth, a few on the level below or above."""
    shape, device = points.shape[:2], points.device
    corners = len(CORNERS)
    below = torch.cat((points[:, corners:], points[:, -corners:]), dim=1)
    above = torch.cat((points[:, :corners], points[:, :-corners]), dim=1)
    dice = torch.rand(shape, generator=generator, device=device)
    place = torch.where((dice < WRONG_LEVEL / 2).unsqueeze(-1), below, points)
    place = torch.where((dice > 1 - WRONG_LEVEL / 2).unsqueeze(-1), above, place)[..., :2]
    jitter = JITTER_PX * torch.randn((*shape, 2), generator=generator, device=device)
    limit = torch.tensor([255.0, 511.0], device=device)
    place = torch.minimum((place + jitter).clamp(min=0), limit)
    flag = chosen.unsqueeze(-1).to(points.dtype)
    return torch.cat((place * flag, flag), dim=-1)
