"""Training of the CCTA networks: ``RECIPES`` by model name, what ``--data`` and ``--hosts`` name, ``--budget``,
and ``ablate`` for trainings that differ in one choice.

``--budget`` and everything that it imports run on a machine that holds torch, numpy, scipy, scikit-image, onnx,
safetensors, typer and rich, and nothing else of what scanserve needs (``tests/e2e/test_bare_machine.py``).
"""

from pathlib import Path

from scanserve.training.budget import Preparing
from scanserve.training.ccta.ablations import ablate
from scanserve.training.ccta.heatmaps import STAGE1_RECIPE, STAGE2_RECIPE
from scanserve.training.ccta.hosts import read_hosts
from scanserve.training.ccta.quality import QUALITY_RECIPE
from scanserve.training.ccta.together import train_together
from scanserve.training.recipe import Data

__all__ = ["RECIPES", "ablate", "hosts_title", "open_data", "train_together"]

RECIPES = {recipe.model: recipe for recipe in (STAGE1_RECIPE, STAGE2_RECIPE, QUALITY_RECIPE)}


def open_data(text: str, cache: Path, preparing: Preparing | None = None) -> Data:
    """What ``--data`` names, see :func:`scanserve.training.ccta.datasets.opening.open_data`."""
    from scanserve.training.ccta.datasets import opening

    return opening.open_data(text, cache, preparing)


def hosts_title(folder: Path) -> str:
    """What a card says of the CTs in ``folder``.

    Raises:
        InputError: code ``hosts-invalid``.
    """
    return read_hosts(folder).title
