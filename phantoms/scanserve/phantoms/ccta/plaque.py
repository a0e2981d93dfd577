"""Plaque in the walls of coronaries: calcified (bright) and soft (a stenosis filled with dark tissue).

A soft plaque changes the tree itself: the lumen becomes thinner and shifts away from the original axis, so
centerlines and radii stay exact.  The space between lumen and wall is the body of the plaque.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.ranges import Lesions, draw

__all__ = ["Calcification", "SoftPlaque", "calcify", "narrow", "soften"]

#: Points per mm of a centerline.
PER_MM = 2
#: Distance of a lesion from the ends of its segment, mm.
MARGIN_MM = 4.0


@dataclass(frozen=True)
class Calcification:
    """Bright plaque in a wall: position on a branch, angle around it, size and density.

    ``bloom`` (mm) widens it in addition to kernel and voxel.
    """

    branch: int
    index: int
    angle: float
    radius: float
    length: float
    hu: float
    bloom: float = 0.0


@dataclass(frozen=True)
class SoftPlaque:
    """The body of a soft plaque on the main path: M points from index ``first`` on.

    ``points`` (M, 3) and ``radii`` (M,) are the outer wall at 0 %, ``severity`` is the largest reduction of the
    diameter as a fraction, ``hu`` the attenuation.
    """

    first: int
    points: npt.NDArray
    radii: npt.NDArray
    severity: float
    hu: float


def calcify(count: int, lesions: Lesions, rng: np.random.Generator) -> tuple[Calcification, ...]:
    """Calcifications of a main path of ``count`` points, mostly proximal."""
    found = []
    for _ in range(int(rng.choice(lesions.calcified_counts))):
        index = int(np.clip(rng.gamma(2.0, 16.0), 6, 80) * PER_MM)
        radius = draw(rng, lesions.calcified_radius)
        plaque = Calcification(
            branch=0,
            index=min(index, count - 10),
            angle=float(rng.uniform(0, 6.28)),
            radius=radius,
            length=radius * draw(rng, lesions.calcified_stretch),
            hu=draw(rng, lesions.calcified_hu),
            bloom=draw(rng, lesions.calcified_bloom),
        )
        found.append(plaque)
    return tuple(found)


def soften(
    points: npt.NDArray, radii: npt.NDArray, start: int, lesions: Lesions, rng: np.random.Generator
) -> tuple[npt.NDArray, npt.NDArray, SoftPlaque]:
    """Place a soft plaque in the proximal 70 mm after ``start``; returns new points, new radii and its body."""
    half = int(draw(rng, lesions.soft_length) * PER_MM / 2)
    margin = int(MARGIN_MM * PER_MM) + half
    last = min(len(points) - margin, start + 70 * PER_MM)
    middle = int(rng.integers(start + margin, max(last, start + margin + 1)))
    side = _across(points, middle, float(rng.uniform(0, 2 * np.pi)))
    severity, hu = draw(rng, lesions.soft_severity), draw(rng, lesions.soft_hu)
    return narrow(points, radii, middle, half, side, severity, hu, draw(rng, lesions.soft_remodelling))


def narrow(
    points: npt.NDArray,
    radii: npt.NDArray,
    middle: int,
    half: int,
    side: npt.NDArray,
    severity: float,
    hu: float,
    remodelling: float = 0.0,
) -> tuple[npt.NDArray, npt.NDArray, SoftPlaque]:
    """Narrow the diameter by ``severity`` at ``middle``, tapering to nothing ``half`` points away.

    The plaque lies toward the unit vector ``side``; the opposite wall does not move.  The outer wall bulges toward the
    plaque by ``remodelling`` times the radius.
    """
    part = slice(middle - half, middle + half + 1)
    bump = np.cos(np.linspace(-np.pi / 2, np.pi / 2, 2 * half + 1)) ** 2
    wall = radii[part] * (1 + 0.5 * remodelling * bump)
    axis = points[part] + (wall - radii[part])[:, None] * side
    new_points, new_radii = points.copy(), radii.copy()
    new_points[part] -= (severity * bump * radii[part])[:, None] * side
    new_radii[part] *= 1 - severity * bump
    return new_points, new_radii, SoftPlaque(part.start, axis, wall, severity, hu)


def _across(points: npt.NDArray, index: int, angle: float) -> npt.NDArray:
    """A unit vector (3,) across the path at ``index``."""
    along = points[index + 1] - points[index - 1]
    side = np.cross(along, [0.3, 0.5, 0.81])
    up = np.cross(along, side)
    turned = np.cos(angle) * side / np.linalg.norm(side) + np.sin(angle) * up / np.linalg.norm(up)
    return turned / np.linalg.norm(turned)
