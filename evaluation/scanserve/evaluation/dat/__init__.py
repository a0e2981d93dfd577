"""DaTSCAN denoising: restored slices against the long acquisition and the phantom's truth."""

from scanserve.evaluation.dat.evaluate import evaluate

__all__ = ["evaluate"]
