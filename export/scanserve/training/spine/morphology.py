"""The morphology loss: distances of pairs and angles of triples of points that hardly vary (Kim et al., MICCAI 2022).

Symbols: S shapes, N films, K points, P pairs, T triples.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scanserve.contracts.spine import CORNERS, VERTEBRAE

__all__ = ["CHOSEN", "Morphology", "morphology_loss", "steady"]

#: Pairs and triples that are chosen.
CHOSEN = 70
#: Heat-map pixels per network pixel: distances are compared in heat-map pixels.
_PER_PIXEL = 0.25


@dataclass(frozen=True, eq=False)
class Morphology:
    """Chosen pairs ``[P, 2]`` and triples ``[T, 3]`` of points; an angle's vertex is the middle point of its triple."""

    pairs: Tensor
    triples: Tensor


def steady(shapes: npt.NDArray[np.floating], count: int = CHOSEN) -> Morphology:
    """The pairs and triples within two neighbouring vertebrae that vary least over shapes (S, K, 2).

    A pair's variation is the standard deviation of its distance over the mean, in units of the length of the spine;
    a triple's is the standard deviation of its angle.
    """
    groups = [_group(level) for level in range(len(VERTEBRAE) - 1)]
    pairs = np.unique(np.concatenate([list(combinations(group, 2)) for group in groups]), axis=0)
    triples = np.concatenate([list(permutations(group, 3)) for group in groups])
    triples = np.unique(triples[triples[:, 0] < triples[:, 2]], axis=0)
    length = np.ptp(shapes[..., 1], axis=1)[:, None]
    distance = np.linalg.norm(shapes[:, pairs[:, 0]] - shapes[:, pairs[:, 1]], axis=-1) / length
    angle = _angles(shapes, triples)
    return Morphology(
        torch.from_numpy(pairs[np.argsort(distance.std(axis=0) / distance.mean(axis=0))[:count]]),
        torch.from_numpy(triples[np.argsort(angle.std(axis=0))[:count]]),
    )


def morphology_loss(found: Tensor, points: Tensor, chosen: Morphology) -> Tensor:
    """L1 over the distances plus 1 - cos of the difference of angles, over points in the film.

    Args:
        found: ``[N, K, 2]`` network pixels, with gradients.
        points: the truth ``[N, K, 3]``: x, y, flag.
        chosen: what is compared.
    """
    pairs, triples = chosen.pairs, chosen.triples
    seen_pairs = points[..., 2][:, pairs].amin(dim=-1)  # [N, P]
    seen_triples = points[..., 2][:, triples].amin(dim=-1)  # [N, T]
    length = _lengths(found, pairs) - _lengths(points[..., :2], pairs)
    turned = 1 - torch.cos(_directions(found, triples) - _directions(points[..., :2], triples))
    distances = (length.abs() * _PER_PIXEL * seen_pairs).sum() / seen_pairs.sum().clamp(min=1)
    return distances + (turned * seen_triples).sum() / seen_triples.sum().clamp(min=1)


def _group(level: int) -> range:
    return range(len(CORNERS) * level, len(CORNERS) * (level + 2))


def _angles(shapes: npt.NDArray[np.floating], triples: npt.NDArray[np.int64]) -> npt.NDArray[np.floating]:
    first, vertex, last = (shapes[:, triples[:, place]] for place in range(3))
    one, two = first - vertex, last - vertex
    return np.arctan2(one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0], (one * two).sum(axis=-1))


def _lengths(points: Tensor, pairs: Tensor) -> Tensor:
    difference = points[:, pairs[:, 0]] - points[:, pairs[:, 1]]
    return torch.sqrt((difference**2).sum(dim=-1) + 1e-6)


def _directions(points: Tensor, triples: Tensor) -> Tensor:
    vertex = points[:, triples[:, 1]]
    one, two = points[:, triples[:, 0]] - vertex, points[:, triples[:, 2]] - vertex
    return torch.atan2(one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0], (one * two).sum(dim=-1) + 1e-6)
