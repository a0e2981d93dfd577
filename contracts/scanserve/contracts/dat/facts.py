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

#: Rows and columns of a slice on the way to a network: the centre of the reconstructed 128 x 128.
IMAGE_SIZE = 64
#: Slices per patient: the one of greatest maximum count, and two on either side.
SLICES = 5
#: Pixel of the acquisitions the networks are for, in mm.
PIXEL_MM = 3.29
#: The short acquisition that comes in, and the one it is restored toward, in minutes.
SHORT_MINUTES, REFERENCE_MINUTES = 5, 25
#: Slices that one execution takes at most: three patients.
MAX_BATCH = 16

#: The default model.
DENOISE = "dat_denoise"

#: Model -> the network behind it, in the order in which they are compared.
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

#: First seeds of the phantoms of each split; a split takes the seeds that follow, so splits never meet.
TRAINING_SEED, VALIDATION_SEED, TEST_SEED = 400_000, 410_000, 420_000
