"""Measurements of CCTA: speed beside peers (``BENCHMARKS``) and accuracy on phantoms (``STUDIES``)."""

from scanserve.perf.ccta.benchmarks import BENCHMARKS
from scanserve.perf.ccta.studies import STUDIES

__all__ = ["BENCHMARKS", "STUDIES"]
