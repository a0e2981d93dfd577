"""Training of the vertebra networks.

``RECIPES`` by model name, data sets that ``--data`` opens, and ``ablate`` for trainings that differ in one choice.
"""

from scanserve.training.spine.ablations import ablate
from scanserve.training.spine.datasets.opening import open_data
from scanserve.training.spine.keypoints import RECIPES

__all__ = ["RECIPES", "ablate", "open_data"]
