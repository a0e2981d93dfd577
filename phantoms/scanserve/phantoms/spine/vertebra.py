"""A vertebra in projection: body, endplates, pedicles, laminae, spinous and transverse processes.

Symbols: U and V are the coordinates within the body, -1 to 1 from left to right and from top to bottom; the corners of
the truth are exactly at (-1, -1) to (1, 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.spine.canvas import Canvas, soft

__all__ = ["Vertebra", "draw_vertebra"]

Float = npt.NDArray[np.float32]
Corners = npt.NDArray[np.floating]

#: How far around the body its processes reach, in half widths and half heights.
_REACH_U, _REACH_V = 2.4, 2.3


@dataclass(frozen=True)
class Vertebra:
    """A vertebra to be drawn.

    Attributes:
        corners: (4, 2).
        lumbar: 0 (thoracic) to 1 (lumbar): the shape of its processes.
        rotation: radians; positive turns the spinous process to the image's right.
        flat: how far its endplates are seen from above or below, as a share of the height.
        bone: contrast.
        clear: visibility of its processes, 0 to 1.
        edge: visibility of its endplates and sides.
    """

    corners: Corners
    lumbar: float
    rotation: float = 0.0
    flat: float = 0.0
    bone: float = 1.0
    clear: float = 1.0
    edge: float = 1.0


def draw_vertebra(canvas: Canvas, vertebra: Vertebra) -> None:
    """Add a vertebra to the canvas."""
    middle = vertebra.corners.mean(axis=0)
    half = np.abs(vertebra.corners - middle).max(axis=0) * np.array([_REACH_U, _REACH_V])
    found = canvas.part(middle - half, middle + half)
    if found is None:
        return
    values, x, y = found
    u, v, size = _within(vertebra.corners, x, y)
    pixel = canvas.pixel / size
    total = _body(u, v, pixel, vertebra.flat, vertebra.edge) + np.float32(vertebra.clear) * _arch(
        u, v, pixel, vertebra
    )
    values += np.float32(vertebra.bone) * total


def _within(corners: Corners, x: Float, y: Float) -> tuple[Float, Float, npt.NDArray[np.floating]]:
    """U and V of pixels, and the half width and half height of the body."""
    middle = corners.mean(axis=0)
    right, down = (
        (corners[1] + corners[3] - corners[0] - corners[2]) / 4,
        (corners[2:].sum(0) - corners[:2].sum(0)) / 4,
    )
    inverse = np.linalg.inv(np.stack([right, down], axis=1))
    local = (corners - middle) @ inverse.T  # (4, 2): the corners in the frame of the two axes
    dx, dy = x - np.float32(middle[0]), y - np.float32(middle[1])
    a, b, c, d = inverse.astype(np.float32).ravel()
    s, t = a * dx + b * dy, c * dx + d * dy
    u = _between(s, t, local[[0, 2]], local[[1, 3]], along=1)
    v = _between(t, s, local[[0, 1]], local[[2, 3]], along=0)
    return u, v, np.array([np.linalg.norm(right), np.linalg.norm(down)])


def _between(value: Float, other: Float, low: Corners, high: Corners, along: int) -> Float:
    """-1 on the line through the two points ``low``, 1 on the line through ``high``."""
    edges = []
    for first, second in (low, high):
        slope = (second[1 - along] - first[1 - along]) / (second[along] - first[along])
        edges.append(np.float32(first[1 - along] - slope * first[along]) + np.float32(slope) * other)
    left, right = edges
    return (2 * value - left - right) / (right - left)


def _body(u: Float, v: Float, pixel: npt.NDArray, flat: float, edge: float) -> Float:
    """The body with its waist, and its rims."""
    su, sv = np.float32(max(1.6 * pixel[0], 0.05)), np.float32(max(1.6 * pixel[1], 0.08))
    side = np.abs(u) * (1 + np.float32(0.10) * np.clip(1 - v * v, 0, 1))
    across, along = soft((1 - side) / su), soft((1 - np.abs(v)) / sv)
    round_ = np.clip(1 - np.float32(0.5) * u * u, 0, 1)
    inside = across * along
    total = np.float32(0.14) * inside * round_
    tv, tu = np.float32(max(1.1 * pixel[1], 0.09)), np.float32(max(1.1 * pixel[0], 0.05))
    rims = np.float32(0.15) * across * np.exp(-(((np.abs(v) - np.float32(0.96)) / tv) ** 2))
    rims += np.float32(0.08) * along * np.exp(-(((side - np.float32(0.96)) / tu) ** 2))
    bow = np.float32(flat) * np.sqrt(np.clip(1 - u * u, 0, 1))
    for end in (-1, 1):
        rims += np.float32(0.09) * across * np.exp(-(((v - end - bow) / (2 * tv)) ** 2))
    return total + np.float32(edge) * rims


def _arch(u: Float, v: Float, pixel: npt.NDArray, vertebra: Vertebra) -> Float:
    """Pedicles, laminae, spinous process, facets and transverse processes, which rotation moves."""
    lumbar, shift = vertebra.lumbar, float(np.sin(vertebra.rotation))
    blur = max(pixel[1], 0.1)
    total = np.zeros(np.broadcast_shapes(u.shape, v.shape), np.float32)
    for side in (-1, 1):
        centre = side * (0.62 - 0.1 * abs(shift)) + 0.55 * shift
        total += _ring(u, v, (centre, -0.3), (0.2, 0.34 + 0.1 * lumbar), 0.17, blur)
        total += _blob(u, v, (0.55 * centre + 0.4 * shift, 0.25), (0.4, 0.7), 0.08)
        total += _blob(u, v, (side * 0.58 + 0.8 * shift, 1.1), (0.2 + 0.08 * lumbar, 0.6), 0.1)
        wing = (side * (1.2 + 0.35 * lumbar) + 0.5 * shift, -0.35 + 0.15 * lumbar)
        total += _blob(u, v, wing, (0.3 + 0.25 * lumbar, 0.34 - 0.08 * lumbar), 0.085)
    tip = (1.15 * shift, 0.75 - 0.25 * lumbar)
    total += _ring(u, v, tip, (0.11 + 0.03 * lumbar, 0.42 + 0.12 * lumbar), 0.12, blur)
    return total


def _ring(
    u: Float, v: Float, centre: tuple[float, float], radii: tuple[float, float], amount: float, blur: float
) -> Float:
    """A dense rim around a faint middle: bone that is seen along its axis."""
    level = np.sqrt(
        ((u - np.float32(centre[0])) / np.float32(radii[0])) ** 2
        + ((v - np.float32(centre[1])) / np.float32(radii[1])) ** 2
    )
    width = np.float32(max(0.32, blur / radii[1]))
    return np.float32(amount) * (
        np.exp(-(((level - 1) / width) ** 2)) + np.float32(0.3) * soft((1 - level) * 3)
    )


def _blob(
    u: Float, v: Float, centre: tuple[float, float], radii: tuple[float, float], amount: float
) -> Float:
    level = ((u - np.float32(centre[0])) / np.float32(radii[0])) ** 2 + (
        (v - np.float32(centre[1])) / np.float32(radii[1])
    ) ** 2
    return np.float32(amount) * np.clip(np.float32(1.2) - level, 0, 1)
