"""One training step: hints before the first pass, passes without gradient, and the loss of the last pass."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scanserve.networks.spine import decode, draw, read
from scanserve.training.spine.morphology import Morphology, morphology_loss
from scanserve.training.spine.places import edges_loss, places_loss
from scanserve.training.spine.reader import add_worst, first_hints

__all__ = ["Interactive", "interactive_loss"]

#: Factor of the heat-map loss, which is a mean over nearly empty maps, and of the auxiliary head.
_MAPS, _AUXILIARY = 100.0, 0.4
#: Share of steps with 0, 1 and 2 passes without gradient.
_PASSES = (1 / 2, 1 / 4, 1 / 4)


@dataclass(frozen=True)
class Interactive:
    """What varies between ablations.

    Attributes:
        hints_first: whether there are hints before the first pass.
        places, edges: factors of the losses on points and on edges, per network pixel.
        morphology: factor of the morphology loss.  A term whose factor is 0 is left out.
    """

    hints_first: bool = True
    places: float = 0.2
    edges: float = 0.1
    morphology: float = 0.05


def interactive_loss(
    network: nn.Module,
    image: Tensor,
    points: Tensor,
    generator: torch.Generator,
    steady: Morphology,
    settings: Interactive,
) -> dict[str, Tensor]:
    """Named terms and their ``total`` for images ``[N, 1, 512, 256]`` with points ``[N, 68, 3]``.

    ``steady`` is what the morphology loss compares.
    """
    hints, previous = _readings(network, image, points, generator, settings)
    logits, *auxiliary = read(network, image, hints, previous)
    target = draw(points)
    maps = F.binary_cross_entropy_with_logits(logits, target)
    total = _MAPS * maps
    for regions in auxiliary:
        total = total + _MAPS * _AUXILIARY * F.binary_cross_entropy_with_logits(regions, target)
    terms = _terms_on_points(logits, points, steady, settings)
    for name, term in terms.items():
        total = total + getattr(settings, name) * term
    return {"maps": maps, **terms, "total": total}


def _terms_on_points(
    logits: Tensor, points: Tensor, steady: Morphology, settings: Interactive
) -> dict[str, Tensor]:
    """The terms on points as they are decoded when the network is served, before their factors."""
    found, _ = decode(torch.sigmoid(logits))
    terms = {}
    if settings.places:
        terms["places"] = places_loss(found, points)
    if settings.edges:
        terms["edges"] = edges_loss(found, points)
    if settings.morphology:
        terms["morphology"] = morphology_loss(found, points, steady)
    return terms


@torch.no_grad()
def _readings(
    network: nn.Module, image: Tensor, points: Tensor, generator: torch.Generator, settings: Interactive
) -> tuple[Tensor, Tensor]:
    """Hints and previous points before the pass with gradient."""
    hints = first_hints(points, generator) if settings.hints_first else torch.zeros_like(points)
    previous = torch.zeros_like(points)
    shares = torch.tensor(_PASSES, device=points.device)
    passes = int(torch.multinomial(shares, 1, generator=generator))
    training = network.training
    network.eval()
    for _ in range(passes):
        found, _ = decode(torch.sigmoid(read(network, image, hints, previous)[0]))
        hints, previous = add_worst(points, found, hints, previous, generator)
    network.train(training)
    return hints, previous
