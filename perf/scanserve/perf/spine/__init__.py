"""Measurements of vertebra keypoints.

``BENCHMARKS`` for the speed of a click, ``STUDIES`` for accuracy on phantoms, and ``ABLATION`` for what measures
ablations.
"""

from scanserve.perf.spine.ablation import judge_in as ABLATION
from scanserve.perf.spine.benchmarks import BENCHMARKS
from scanserve.perf.spine.studies import STUDIES

__all__ = ["ABLATION", "BENCHMARKS", "STUDIES"]
