"""Exports of DaTSCAN denoising."""

from scanserve.export.dat.builders import BUILDERS, samples

__all__ = ["BUILDERS", "samples"]
