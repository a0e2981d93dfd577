"""Optimizers and schedules of the learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch

__all__ = ["Optimizer", "Rate", "adam", "adamw", "falling", "warm_cosine"]

#: ``rate(step, steps)`` is the fraction of the full learning rate at a step.
Rate = Callable[[int, int], float]
#: ``optimizer(parameters, lr=learning_rate)``.
Optimizer = Callable[..., torch.optim.Optimizer]

adam: Optimizer = torch.optim.Adam
adamw: Optimizer = partial(torch.optim.AdamW, weight_decay=1e-4)


def warm_cosine(step: int, steps: int) -> float:
    """Linear warm-up over 3 % of the run, then a cosine to 1 %."""
    warm = max(1, int(0.03 * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def falling(after: float, to: float) -> Rate:
    """The full rate at first, and the fraction ``to`` of it after the fraction ``after`` of the run."""
    return lambda step, steps: to if step >= after * steps else 1.0
