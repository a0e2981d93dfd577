"""The tensors of vertebra keypoints; see :mod:`scanserve.contracts.spine` for the conventions."""

from __future__ import annotations

from scanserve.contracts.spine.facts import (
    IMAGE_SHAPE,
    LARGEST_FILM_BYTES,
    LARGEST_FILM_SIDE,
    MAP_SHAPE,
    POINTS,
)
from scanserve.contracts.tensor import Axis, TensorSpec

__all__ = ["BOX", "FILM", "FOUND", "HEATMAPS", "HINTS", "IMAGE", "PLACEMENT", "PREVIOUS"]

_CHANNEL = Axis("channel", 1)
_POINT = Axis("point", POINTS)
_FIXED = Axis("xy_flag", 3)
_NETWORK = "network pixels, (x, y)"

FILM = TensorSpec(
    "film",
    "FP32",
    (_CHANNEL, Axis("row", maximum=LARGEST_FILM_SIDE), Axis("column", maximum=LARGEST_FILM_SIDE)),
    "Frontal spine film of square pixels, windowed by the reader: bone is bright.",
    low=0,
    high=1,
    frame="as seen: rows from the head down",
    most_bytes=LARGEST_FILM_BYTES,
)
BOX = TensorSpec(
    "box",
    "FP32",
    (Axis("xyxy", 4),),
    "The part of the film to read, as bounds of a slice: left, top, right, bottom.  0, 0, columns, rows is all of it.",
    unit="px",
    low=-LARGEST_FILM_SIDE,
    high=2 * LARGEST_FILM_SIDE,
    frame="film pixels, (x, y)",
    typical=(0, 1),
)
IMAGE = TensorSpec(
    "image",
    "FP32",
    (_CHANNEL, *(Axis(name, size) for name, size in zip(("row", "column"), IMAGE_SHAPE, strict=True))),
    "The film in the networks' frame, its proportions kept; 0 outside the film.",
    low=0,
    high=1,
    frame="as the film",
)
PLACEMENT = TensorSpec(
    "placement",
    "FP32",
    (Axis("scale_xy", 3),),
    "Scale and offsets x, y: a network pixel is a film pixel times the scale plus the offset.",
)
HINTS = TensorSpec(
    "hints",
    "FP32",
    (_POINT, _FIXED),
    "Points fixed by the reader: x, y, and 1 if the point is fixed, else 0.",
    unit="px",
    low=0,
    high=max(IMAGE_SHAPE),
    frame=_NETWORK,
    typical=(0, 1),
)
PREVIOUS = TensorSpec(
    "previous",
    "FP32",
    (_POINT, _FIXED),
    "Where the network had put the points that the reader then fixed: x, y, and 1 for these points, else 0.",
    unit="px",
    low=0,
    high=max(IMAGE_SHAPE),
    frame=_NETWORK,
    typical=(0, 1),
)
FOUND = TensorSpec(
    "points",
    "FP32",
    (_POINT, Axis("xy_peak", 3)),
    "The corners of the vertebrae: x, y, and the peak of the heat map, 0 to 1.  Edges without a fixed corner are "
    "turned toward the perpendicular of the spine.  A fixed point comes back as given, with a peak of 1.",
    unit="px",
    low=0,
    high=max(IMAGE_SHAPE),
    frame=_NETWORK,
)
HEATMAPS = TensorSpec(
    "heatmaps",
    "UINT8",
    (_POINT, *(Axis(name, size) for name, size in zip(("row", "column"), MAP_SHAPE, strict=True))),
    "Heat map of each point, one pixel for 4 x 4 network pixels; 255 is certain.",
    unit="1/255",
    low=0,
    high=255,
    frame="as the film",
)
