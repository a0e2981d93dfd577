"""Training: losses, a resumable loop, and per application the recipes of its networks."""

from scanserve.training.loop import Options, train
from scanserve.training.recipe import Recipe, Samples

__all__ = ["Options", "Recipe", "Samples", "train"]
