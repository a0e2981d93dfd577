"""The published losses, as pure functions of tensors.

Symbols: N batch, C channels or classes, P phases of one vessel.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["l1_masked_bce", "pairwise_margin", "ranknet", "soft_cross_entropy"]

#: A voxel whose target or prediction exceeds this belongs to the mask of the cross-entropy.  The mask holds the
#: neighbourhood of the vessel and all false positives, but not the millions of easy background voxels.
MASK_LEVEL = 0.02


def l1_masked_bce(logits: Tensor, target: Tensor, *, bce_weight: float = 0.5) -> dict[str, Tensor]:
    """Heat-map loss: L1 plus binary cross-entropy inside a mask.

    Args:
        logits: [N, C, z, y, x].
        target: heat maps in 0..1, same shape.
        bce_weight: weight of the masked cross-entropy.

    Returns:
        ``l1`` (mean absolute error in the mask, plus its mean over all voxels), ``bce`` and ``total``.
    """
    probability = torch.sigmoid(logits)
    error = (probability - target).abs()
    mask = ((target > MASK_LEVEL) | (probability.detach() > 5 * MASK_LEVEL)).to(error.dtype)
    inside = mask.sum().clamp_min(1.0)
    l1 = (error * mask).sum() / inside + error.mean()
    bce = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * mask).sum() / inside
    return {"l1": l1, "bce": bce, "total": l1 + bce_weight * bce}


def soft_cross_entropy(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Cross-entropy against a distribution over classes.

    Args:
        logits: [N, C] or [N, C, S].
        target: probabilities, same shape, summing to 1 over axis 1.
        weight: optional weight per item, [N] or [N, S].
    """
    loss = -(target * F.log_softmax(logits, dim=1)).sum(dim=1)
    if weight is None:
        return loss.mean()
    return (loss * weight).sum() / weight.sum().clamp_min(1e-6)


def _pairs(score: Tensor, badness: Tensor, least: float) -> tuple[Tensor, Tensor]:
    """Differences in score and in truth of all ordered pairs (better, worse) of each group."""
    better = badness[:, None, :] - badness[:, :, None]  # [G, P, P]: > least where the row beats the column
    chosen = better > least
    return (score[:, :, None] - score[:, None, :])[chosen], better[chosen]


def pairwise_margin(score: Tensor, badness: Tensor, *, margin: float = 0.5, least: float = 0.05) -> Tensor:
    """Hinge on every pair whose truth differs by more than ``least``.

    Args:
        score: [G, P] ranking scores of P phases in G groups (one vessel of one study each).
        badness: [G, P] truth, lower is better (mm of motion).
    """
    difference, _ = _pairs(score, badness, least)
    return F.relu(margin - difference).mean() if difference.numel() else score.sum() * 0


def ranknet(score: Tensor, badness: Tensor, *, least: float = 0.02) -> Tensor:
    """RankNet (Burges et al. 2005): logistic loss of the score difference of every ordered pair."""
    difference, _ = _pairs(score, badness, least)
    return F.softplus(-difference).mean() if difference.numel() else score.sum() * 0
