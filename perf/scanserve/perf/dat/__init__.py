"""Measurements of DaTSCAN denoising: speed beside peers (``BENCHMARKS``) and accuracy on phantoms (``STUDIES``)."""

from scanserve.perf.dat.benchmarks import BENCHMARKS
from scanserve.perf.dat.studies import STUDIES

__all__ = ["BENCHMARKS", "STUDIES"]
