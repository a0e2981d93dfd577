"""Measurements of vertebra keypoints: speed of a click (``BENCHMARKS``) and accuracy on phantoms (``STUDIES``)."""

from scanserve.perf.spine.benchmarks import BENCHMARKS
from scanserve.perf.spine.studies import STUDIES

__all__ = ["BENCHMARKS", "STUDIES"]
