"""Training of the DaTSCAN denoising networks: ``RECIPES`` by model name."""

from scanserve.training.dat.denoise import RECIPES

__all__ = ["RECIPES"]
