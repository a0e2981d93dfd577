"""One training step: hints before the first pass, passes without gradient, and the loss of the last pass."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scanserve.networks.spine import decode, draw, local_mean, read
from scanserve.training.spine.morphology import Morphology, morphology_loss
from scanserve.training.spine.reader import add_worst, first_hints

__all__ = ["Interactive", "interactive_loss"]

#: Factor of the heat-map loss, which is a mean over nearly empty maps, and of the auxiliary head.
_MAPS, _AUXILIARY = 100.0, 0.4
#: Most passes without gradient.
_PASSES = 2
#: The patch and the sharpness of the differentiable points, in heat-map pixels.
_HALF, _SHARPNESS = 7, 10.0


@dataclass(frozen=True)
class Interactive:
    """What varies between ablations.

    Attributes:
        hints_first: whether there are hints before the first pass.
        morphology: the pairs and triples of the morphology loss, or None without it.
        weight: factor of the morphology loss.
    """

    hints_first: bool = True
    morphology: Morphology | None = None
    weight: float = 0.01


def interactive_loss(
    network: nn.Module, image: Tensor, points: Tensor, generator: torch.Generator, settings: Interactive
) -> dict[str, Tensor]:
    """Named terms and their ``total`` for images ``[N, 1, 512, 256]`` with points ``[N, 68, 3]``."""
    hints, previous = _readings(network, image, points, generator, settings)
    logits, *auxiliary = read(network, image, hints, previous)
    target = draw(points)
    terms = {"maps": F.binary_cross_entropy_with_logits(logits, target)}
    total = _MAPS * terms["maps"]
    for regions in auxiliary:
        total = total + _MAPS * _AUXILIARY * F.binary_cross_entropy_with_logits(regions, target)
    if settings.morphology is not None:
        found = local_mean(torch.sigmoid(logits), _HALF, _SHARPNESS)
        terms["morphology"] = morphology_loss(found, points, settings.morphology)
        total = total + settings.weight * terms["morphology"]
    return {**terms, "total": total}


@torch.no_grad()
def _readings(
    network: nn.Module, image: Tensor, points: Tensor, generator: torch.Generator, settings: Interactive
) -> tuple[Tensor, Tensor]:
    """Hints and previous points before the pass with gradient."""
    hints = first_hints(points, generator) if settings.hints_first else torch.zeros_like(points)
    previous = torch.zeros_like(points)
    passes = int(torch.randint(0, _PASSES + 1, (1,), generator=generator, device=points.device))
    training = network.training
    network.eval()
    for _ in range(passes):
        found, _ = decode(torch.sigmoid(read(network, image, hints, previous)[0]))
        hints, previous = add_worst(points, found, hints, previous, generator)
    network.train(training)
    return hints, previous
