"""Measurements of CCTA: speed beside peers (``BENCHMARKS``), growth (``SCALINGS``), accuracy (``STUDIES``)."""

from scanserve.perf.ccta.benchmarks import BENCHMARKS
from scanserve.perf.ccta.scaling import SCALINGS
from scanserve.perf.ccta.studies import STUDIES

__all__ = ["BENCHMARKS", "SCALINGS", "STUDIES"]
