"""The options of a training run, whatever trains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.training.recipe import Sources

__all__ = ["TrainingOptions"]


@dataclass(frozen=True)
class TrainingOptions:
    """Options of a run; ``None`` keeps the value of the recipe.

    A new run starts from the weights in ``start_from / <model>`` if given, else from random weights.  ``budget`` is the
    time in which all networks of the application were trained, as it was given.  ``keep_initial`` is the share of the
    initial weights in what is published.
    """

    run: Path
    sources: Sources
    seed: int = 0
    steps: int | None = None
    studies: int | None = None
    device: str = "cpu"
    checkpoint_every: int = 100
    validate_every: int = 500
    start_from: Path | None = None
    budget: str | None = None
    keep_initial: float = 0.0
