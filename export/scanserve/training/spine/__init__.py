"""Training of the vertebra networks: ``RECIPES`` by model name, and data sets that ``--data`` opens."""

from scanserve.training.spine.datasets.opening import open_data
from scanserve.training.spine.keypoints import RECIPES

__all__ = ["RECIPES", "open_data"]
