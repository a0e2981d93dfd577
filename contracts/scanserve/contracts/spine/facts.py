"""Facts of vertebra keypoints: vertebrae, corners, sizes, networks, seeds."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "CORNERS",
    "DEFAULT_NETWORK",
    "HINT_SIGMA",
    "IMAGE_SHAPE",
    "LARGEST_FILM_BYTES",
    "LARGEST_FILM_SIDE",
    "MAP_SHAPE",
    "MAX_BATCH",
    "NETWORKS",
    "POINTS",
    "PREPARE",
    "STRIDE",
    "TEST_SEED",
    "TRAINING_SEED",
    "VALIDATION_SEED",
    "VERTEBRAE",
]

#: The vertebrae whose corners are marked, from the top.
VERTEBRAE: tuple[str, ...] = (*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6)))
#: The corners of a vertebra, as seen in the image.
CORNERS: tuple[str, ...] = ("top-left", "top-right", "bottom-left", "bottom-right")
#: Points of a film: all corners of a vertebra, then those of the next.
POINTS = len(VERTEBRAE) * len(CORNERS)

#: Rows and columns of a network's input.
IMAGE_SHAPE = (512, 256)
#: Network pixels per pixel of a heat map along each axis.
STRIDE = 4
#: Rows and columns of a heat map.
MAP_SHAPE = (IMAGE_SHAPE[0] // STRIDE, IMAGE_SHAPE[1] // STRIDE)
#: Standard deviation of a point's Gaussian in its heat map, and of a hint, in network pixels.
HINT_SIGMA = 7.5
#: Most films, or most readers' clicks, in one execution.
MAX_BATCH = 8

#: Longest side of a film that is sent, in pixels, and its most bytes (FP32).
LARGEST_FILM_SIDE, LARGEST_FILM_BYTES = 8192, 3 << 26

#: The graph that places a film in the networks' input.
PREPARE = "spine_prepare"
#: The model that reads unless another is asked for.
DEFAULT_NETWORK = "spine_unet"
#: Model -> its network, in the order of comparison.
NETWORKS: Mapping[str, str] = {
    "spine_unet": "U-Net IKEM",
    "spine_hrnet": "HRNet+OCR IKEM",
}

#: First phantom seed of each split; a split uses the seeds that follow it, and splits never overlap.
TRAINING_SEED, VALIDATION_SEED, TEST_SEED = 500_000, 590_000, 600_000
