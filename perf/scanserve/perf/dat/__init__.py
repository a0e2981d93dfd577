"""What DaTSCAN denoising brings to be measured."""

from scanserve.perf.dat.studies import STUDIES

__all__ = ["STUDIES"]
