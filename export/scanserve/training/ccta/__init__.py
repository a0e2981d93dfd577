"""Training of the CCTA networks: ``RECIPES`` by model name, and ``open_data`` for what ``--data`` names."""

from scanserve.training.ccta.datasets.opening import open_data
from scanserve.training.ccta.heatmaps import STAGE1_RECIPE, STAGE2_RECIPE
from scanserve.training.ccta.quality import QUALITY_RECIPE

__all__ = ["RECIPES", "open_data"]

RECIPES = {recipe.model: recipe for recipe in (STAGE1_RECIPE, STAGE2_RECIPE, QUALITY_RECIPE)}
