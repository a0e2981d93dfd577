"""Measurements of CCTA: speed beside peers (``BENCHMARKS``), accuracy of the chain (``STUDIES``), and ``NETWORKS``."""

from scanserve.perf.ccta.benchmarks import BENCHMARKS
from scanserve.perf.ccta.networks import measure_networks as NETWORKS
from scanserve.perf.ccta.studies import STUDIES

__all__ = ["BENCHMARKS", "NETWORKS", "STUDIES"]
