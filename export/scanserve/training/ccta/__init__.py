"""Training of the CCTA networks: ``RECIPES`` by model name, what ``--data`` and ``--hosts`` name, and ``--budget``."""

from pathlib import Path

from scanserve.training.ccta.datasets.opening import open_data
from scanserve.training.ccta.heatmaps import STAGE1_RECIPE, STAGE2_RECIPE
from scanserve.training.ccta.hosts import read_hosts
from scanserve.training.ccta.quality import QUALITY_RECIPE
from scanserve.training.ccta.together import train_together

__all__ = ["RECIPES", "hosts_title", "open_data", "train_together"]

RECIPES = {recipe.model: recipe for recipe in (STAGE1_RECIPE, STAGE2_RECIPE, QUALITY_RECIPE)}


def hosts_title(folder: Path) -> str:
    """What a card says of the CTs in ``folder``.

    Raises:
        InputError: code ``hosts-invalid``.
    """
    return read_hosts(folder).title
