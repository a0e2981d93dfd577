"""Measurements of vertebra keypoints.

``BENCHMARKS`` for the speed of a click, ``STUDIES`` for accuracy on phantoms, and ``ABLATION`` for the columns of
ablations.
"""

from scanserve.perf.spine.ablation import ABLATION
from scanserve.perf.spine.benchmarks import BENCHMARKS
from scanserve.perf.spine.studies import STUDIES

__all__ = ["ABLATION", "BENCHMARKS", "STUDIES"]
