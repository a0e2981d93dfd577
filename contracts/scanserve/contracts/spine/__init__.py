"""The contracts of vertebra keypoints: the corners of 17 vertebrae in a frontal spine film, corrected by clicks.

Conventions, for every tensor here:

- a pixel's centre has whole coordinates ``(x, y)``, from the left and from the top; (0, 0) is the centre of the first;
- points come in the order of ``VERTEBRAE`` (T1 to L5) and, in each, of ``CORNERS``: top-left, top-right, bottom-left,
  bottom-right, *as seen in the image*;
- a click is one request: image, hints and previous points in, points out.  The server keeps no session.
"""

from __future__ import annotations

from scanserve.contracts.application import Application
from scanserve.contracts.spine.facts import (
    CORNERS,
    DEFAULT_NETWORK,
    HINT_SIGMA,
    IMAGE_SHAPE,
    LARGEST_FILM_BYTES,
    LARGEST_FILM_SIDE,
    MAP_SHAPE,
    MAX_BATCH,
    NETWORKS,
    POINTS,
    PREPARE,
    STRIDE,
    TEST_SEED,
    TRAINING_SEED,
    VALIDATION_SEED,
    VERTEBRAE,
)
from scanserve.contracts.spine.layouts import (
    RESULT_KIND,
    RESULT_VERSION,
    TRUTH_KIND,
    TRUTH_VERSION,
    ResultKind,
    ResultVersion,
)
from scanserve.contracts.spine.models import DETECT, MODELS, PREPARE_GRAPH

__all__ = [
    "CORNERS",
    "DEFAULT_NETWORK",
    "DETECT",
    "HINT_SIGMA",
    "IMAGE_SHAPE",
    "LARGEST_FILM_BYTES",
    "LARGEST_FILM_SIDE",
    "MAP_SHAPE",
    "MAX_BATCH",
    "NETWORKS",
    "POINTS",
    "PREPARE",
    "PREPARE_GRAPH",
    "RESULT_KIND",
    "RESULT_VERSION",
    "SPINE",
    "STRIDE",
    "TEST_SEED",
    "TRAINING_SEED",
    "TRUTH_KIND",
    "TRUTH_VERSION",
    "VALIDATION_SEED",
    "VERTEBRAE",
    "ResultKind",
    "ResultVersion",
]

#: The application, as registered.
SPINE = Application("spine", "Vertebra keypoints in spine films", MODELS, absent="no-film")
