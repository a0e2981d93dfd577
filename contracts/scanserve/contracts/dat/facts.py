"""Facts of DaTSCAN denoising: slices, acquisitions, networks, seeds."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "DENOISE",
    "IMAGE_SIZE",
    "MAX_BATCH",
    "NETWORKS",
    "PIXEL_MM",
    "REFERENCE_MINUTES",
    "SHORT_MINUTES",
    "SLICES",
    "TEST_SEED",
    "TRAINING_SEED",
    "VALIDATION_SEED",
]

#: Rows and columns of a network's input: the centre of the reconstructed 128 x 128 slice.
IMAGE_SIZE = 64
#: Slices per patient: the slice with the highest maximum count, and two on either side.
SLICES = 5
#: Pixel size of the acquisitions that the networks are for, in mm.
PIXEL_MM = 3.29
#: Duration of the short acquisition and of the reference that it is restored toward, in minutes.
SHORT_MINUTES, REFERENCE_MINUTES = 5, 25
#: Most slices in one execution: three patients.
MAX_BATCH = 16

#: The default model.
DENOISE = "dat_denoise"

#: Model -> its network, in the order of comparison.
NETWORKS: Mapping[str, str] = {
    "dat_unet1": "U-Net, 1 level",
    "dat_unet2": "U-Net, 2 levels",
    "dat_unet3": "U-Net, 3 levels",
    DENOISE: "U-Net, 4 levels",
    "dat_unet5": "U-Net, 5 levels",
    "dat_vnet": "V-Net",
    "dat_unetpp": "U-Net++",
    "dat_r2unet": "R2U-Net",
    "dat_attention_unet": "Attention U-Net",
    "dat_transunet": "TransUNet",
}

#: First phantom seed of each split; a split uses the seeds that follow it, and splits never overlap.
TRAINING_SEED, VALIDATION_SEED, TEST_SEED = 400_000, 410_000, 420_000
