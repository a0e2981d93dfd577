"""Measurements of DaTSCAN denoising: accuracy on phantoms (``STUDIES``)."""

from scanserve.perf.dat.studies import STUDIES

__all__ = ["STUDIES"]
