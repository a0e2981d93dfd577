"""The contracts of DaTSCAN SPECT denoising: I-123 ioflupane (dopamine transporter) brain SPECT.

A short acquisition is restored toward a long one, slice by slice.  Ten networks share the same tensors, so the model's
name alone selects the network.

Conventions, for every tensor here:

- slices are transaxial, indexed ``[row, column]`` as the source stores them, cropped to their centre;
- the values of a slice are its counts divided by the maximum count of the uncropped source slice.  The restored
  slice is on the same scale, so multiplying by that maximum gives counts.
"""

from __future__ import annotations

from scanserve.contracts.application import Application
from scanserve.contracts.dat.facts import (
    DENOISE,
    IMAGE_SIZE,
    MAX_BATCH,
    NETWORKS,
    PIXEL_MM,
    REFERENCE_MINUTES,
    SHORT_MINUTES,
    SLICES,
    TEST_SEED,
    TRAINING_SEED,
    VALIDATION_SEED,
)
from scanserve.contracts.dat.layouts import (
    RESULT_KIND,
    RESULT_VERSION,
    TRUTH_KIND,
    TRUTH_VERSION,
    ResultKind,
    ResultVersion,
)
from scanserve.contracts.dat.models import MODELS

__all__ = [
    "DAT",
    "DENOISE",
    "IMAGE_SIZE",
    "MAX_BATCH",
    "NETWORKS",
    "PIXEL_MM",
    "REFERENCE_MINUTES",
    "RESULT_KIND",
    "RESULT_VERSION",
    "SHORT_MINUTES",
    "SLICES",
    "TEST_SEED",
    "TRAINING_SEED",
    "TRUTH_KIND",
    "TRUTH_VERSION",
    "VALIDATION_SEED",
    "ResultKind",
    "ResultVersion",
]

#: The application, as registered.
DAT = Application("dat", "DaTSCAN SPECT denoising", MODELS, absent="no-tomogram", usual=(DENOISE,))
