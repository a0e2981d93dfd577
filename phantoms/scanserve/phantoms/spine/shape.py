"""The projected shape of a spine: quadrilaterals of its vertebrae, from the neck to the last lumbar one.

Symbols: V vertebrae.  The unit is the length of the spine, x to the image's right, y down; the origin is the middle of
the top of T1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.spine.curves import sample_tilts
from scanserve.phantoms.spine.population import Population
from scanserve.phantoms.spine.sizes import GAPS, HEIGHTS, LEVEL_SD, WIDTH_SD, WIDTHS

__all__ = ["CERVICAL", "Shape"]

Float = npt.NDArray[np.float64]

#: Cervical vertebrae that are drawn above T1.
CERVICAL = 6
#: Vertebrae with corners in the truth: T1 to L5.
_MARKED = 17
#: Standard deviation of the angle between the midline and the vertebrae, degrees, and of the endplates' rotation.
_SHEAR_DEG, _WEDGE_DRIFT = 2.5, 0.5
#: Sizes of cervical vertebrae relative to T1, from C7 up: height and width.
_NECK_HEIGHT, _NECK_WIDTH = 0.92, 0.88


@dataclass(frozen=True, eq=False)
class Shape:
    """The vertebrae of a patient.

    Attributes:
        corners: (V, 4, 2) of T1 downward: 17 vertebrae, and an 18th if there is a sixth lumbar one.
        neck: (6, 4, 2), from C7 up.
        rotation: (V,) axial rotation, radians; positive turns the spinous process to the image's right.
        flat: (V,) how far each vertebra is tilted forward or back, as a share of its height.
    """

    corners: Float
    neck: Float
    rotation: Float
    flat: Float

    @classmethod
    def sample(cls, rng: np.random.Generator, population: Population, count: int = _MARKED) -> Shape:
        """A random spine of ``count`` vertebrae from T1 downward."""
        tilts = _longer(sample_tilts(rng, population.cobb_deg), count)
        heights, gaps, widths = _sizes(rng, population, count)
        wedge = np.radians(rng.normal(0, population.wedge_deg, count)) / 2
        corners = _stack(rng, np.radians(tilts), wedge, heights, gaps, widths)
        bend = np.radians(np.gradient(np.convolve(np.pad(tilts, 1, "edge"), [0.25, 0.5, 0.25], "valid")))
        rotation = 2.2 * bend * rng.uniform(0.4, 1.4) + rng.normal(0, 0.04, count)
        return cls(corners, _neck(rng, corners[0], tilts[0]), rotation, _sagittal(rng, count))

    @property
    def marked(self) -> Float:
        """Corners (17, 4, 2) of T1 to L5."""
        return self.corners[:_MARKED]


def _longer(tilts: Float, count: int) -> Float:
    return np.concatenate([tilts, np.full(count - _MARKED, tilts[-1] * 0.8)])


def _sizes(rng: np.random.Generator, population: Population, count: int) -> tuple[Float, Float, Float]:
    """Heights (V,), gaps (V - 1,) and widths (2, V) of a patient."""
    extra = count - _MARKED
    heights = np.pad(HEIGHTS, (0, extra), "edge") * (1 + rng.normal(0, LEVEL_SD, count))
    gaps = (
        np.pad(GAPS, (0, extra), "edge")
        * (1 + rng.normal(0, 3 * LEVEL_SD, count - 1))
        * rng.uniform(0.7, 1.3)
    )
    widths = np.pad(WIDTHS, ((0, 0), (0, extra)), "edge") * (1 + rng.normal(0, LEVEL_SD, (2, count)))
    widths *= np.clip(1 + rng.normal(0, WIDTH_SD), 0.65, 1.4)
    if population.twins:
        level = int(rng.integers(3, 15))
        heights[level + 1], widths[:, level + 1] = heights[level], widths[:, level]
    gaps = np.maximum(gaps, 0.004)
    length = heights[:_MARKED].sum() + gaps[: _MARKED - 1].sum()
    return heights / length, gaps / length, widths


def _stack(
    rng: np.random.Generator, tilts: Float, wedge: Float, heights: Float, gaps: Float, widths: Float
) -> Float:
    """Corners (V, 4, 2): vertebra below vertebra along the axis that their tilts bend."""
    shear = np.radians(rng.normal(0, _SHEAR_DEG, len(tilts)))
    place, corners = np.zeros(2), []
    for level, tilt in enumerate(tilts):
        down = _turned(np.array([0.0, 1.0]), tilt + shear[level])
        bottom = place + heights[level] * down
        upper, lower = tilt + wedge[level], tilt - wedge[level]
        corners.append(
            np.concatenate([_edge(place, upper, widths[0, level]), _edge(bottom, lower, widths[1, level])])
        )
        if level < len(gaps):
            between = (tilt + tilts[level + 1]) / 2
            place = bottom + gaps[level] * _turned(np.array([0.0, 1.0]), between)
    return np.stack(corners)


def _edge(middle: Float, angle: float, width: float) -> Float:
    along = _turned(np.array([width / 2, 0.0]), angle)
    return np.stack([middle - along, middle + along])


def _turned(vector: Float, angle: float) -> Float:
    """``vector`` turned clockwise as seen in the image."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])


def _neck(rng: np.random.Generator, first: Float, tilt: float) -> Float:
    """Cervical vertebrae (6, 4, 2) above the corners ``first`` of T1, from C7 up."""
    width = float(np.linalg.norm(first[1] - first[0])) * _NECK_WIDTH * rng.uniform(0.9, 1.1)
    height, gap = HEIGHTS[0] * _NECK_HEIGHT, GAPS[0] * rng.uniform(0.7, 1.1)
    angle, bottom, found = np.radians(tilt), first[:2].mean(axis=0), []
    for number in range(CERVICAL):
        angle = 0.7 * angle + np.radians(rng.normal(0, 2))
        up = _turned(np.array([0.0, -1.0]), angle)
        bottom = bottom + gap * up
        top = bottom + height * up
        size = width * (1 - 0.05 * min(number, 3))
        found.append(np.concatenate([_edge(top, angle, 0.94 * size), _edge(bottom, angle, size)]))
        bottom = top
    return np.stack(found)


def _sagittal(rng: np.random.Generator, count: int) -> Float:
    """Forward and backward tilt (V,) from kyphosis and lordosis, as a share of the height."""
    levels = np.array([0.0, 3.0, 7.0, 11.0, 13.0, 16.0, 17.0])
    shares = np.array([0.5, 0.3, 0.0, -0.25, -0.1, 0.4, 0.6])
    return np.interp(np.arange(count), levels, shares) * rng.uniform(0.3, 1.2)
