"""Measurements of CCTA: speed beside peers (``BENCHMARKS``), growth (``SCALINGS``), accuracy (``STUDIES``).

``NETWORKS`` measures the heat-map networks alone, ``ABLATION`` those that an ablation trained.
"""

from scanserve.perf.ccta.ablation import judge_in as ABLATION
from scanserve.perf.ccta.benchmarks import BENCHMARKS
from scanserve.perf.ccta.networks import measure_networks as NETWORKS
from scanserve.perf.ccta.scaling import SCALINGS
from scanserve.perf.ccta.studies import STUDIES

__all__ = ["ABLATION", "BENCHMARKS", "NETWORKS", "SCALINGS", "STUDIES"]
